"""Models of torch and scikit-learn as layers of nets, without a dependency on either."""
