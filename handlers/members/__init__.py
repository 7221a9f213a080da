"""Members: joining and leaving, what they see and choose of themselves, their roles and contacts."""
