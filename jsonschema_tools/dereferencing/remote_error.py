"""What goes wrong with remote documents."""

from __future__ import annotations


class RemoteError(Exception):
    """Why a remote document cannot be had, in few words."""
