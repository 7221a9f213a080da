"""Shops that are asked: their orders are read back page by page, so that what they told in vain is known after all.

What shops tell by themselves comes in through `adapters/web/hooks/`.
"""
