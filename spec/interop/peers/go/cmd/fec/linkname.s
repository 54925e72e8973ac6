// Empty on purpose: an assembly file in the package is what lets the compiler
// accept the functions in main.go that have no body.
