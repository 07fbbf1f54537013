"""One field for everything: workspaces, repositories, runs, errors, pages, operations."""
