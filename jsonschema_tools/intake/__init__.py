"""An intake of events: takes them over HTTP, keeps those that are valid, streams them to others.

Needs the extra `serve`; only the commands `serve`, `produce`, `consume` and `canary` import it.
"""
