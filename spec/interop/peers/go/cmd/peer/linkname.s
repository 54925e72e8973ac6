// Empty on purpose: an assembly file in the package is what lets the compiler
// accept the functions in private.go that have no body.
