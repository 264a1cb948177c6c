"""What Prometheus and whoever starts the processes are told: figures, and whether each lives and is ready."""
