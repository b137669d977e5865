"""What answers beside and in front of Streamlit: routes, the gate, the sign-in page, and headers on everything."""
