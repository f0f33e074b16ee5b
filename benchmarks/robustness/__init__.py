"""What happens to damaged files, odd settings, killed processes, and the same bits elsewhere."""
