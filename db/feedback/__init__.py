"""What people say of answers: votes, reasons, pairs, golden questions, reviews."""
