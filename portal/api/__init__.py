"""The API of the house, `/api/v1/`: what people can do, for programs."""
