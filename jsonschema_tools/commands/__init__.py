"""The commands: each parses its call, calls the library, prints and exits."""
