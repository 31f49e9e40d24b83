"""What is told to others: notices, who gets them, and how their delivery goes."""
