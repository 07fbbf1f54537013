"""The common look of all pages. It knows no feature and imports none."""
