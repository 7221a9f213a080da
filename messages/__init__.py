"""How we speak: templates, words and plurals."""
