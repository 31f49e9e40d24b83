"""What is put together of each area."""
