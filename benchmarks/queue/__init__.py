"""Claims and wake-ups beside a job queue's."""
