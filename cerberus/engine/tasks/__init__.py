"""What stands between the engine and the processes of tasks."""
