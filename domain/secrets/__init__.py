"""The area of secrets: names, values, versions and the rules that bind them."""
