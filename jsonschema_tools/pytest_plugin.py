"""The pytest plugin: idle unless a repository's suite, or a schema file, is collected."""
