"""The area of health: what an examination of a store finds, and how it judges what it sees."""
