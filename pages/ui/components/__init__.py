"""What has JavaScript: each a custom component with its words, style and script."""
