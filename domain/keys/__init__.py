"""The area of keys: data keys, what a seal is bound to, and the stored form."""
