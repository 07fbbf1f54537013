"""The panel, the parts it loads later, and its buttons: a file for each."""
