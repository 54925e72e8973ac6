// Command api prints every exported name of kcp-go's package, one a line, in order: what spec/docs/kcp-go-api.txt keeps.
package main

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"log"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
)

const module = "github.com/xtaci/kcp-go/v5"

func main() {
	log.SetFlags(0)
	folder, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		log.Fatal(err)
	}
	names, err := exported(strings.TrimSpace(string(folder)))
	if err != nil {
		log.Fatal(err)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Println(name)
	}
}

// exported lists the exported names of the package in folder: kind and name, a method or field with its type.
func exported(folder string) ([]string, error) {
	pkg, err := build.ImportDir(folder, 0)
	if err != nil {
		return nil, err
	}
	var names []string
	add := func(kind, name string) { names = append(names, kind+" "+name) }
	for _, file := range pkg.GoFiles {
		tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, file), nil, 0)
		if err != nil {
			return nil, err
		}
		ast.FileExports(tree)
		for _, decl := range tree.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil {
					add("func", decl.Name.Name)
				} else if owner := receiver(decl.Recv.List[0].Type); ast.IsExported(owner) {
					add("method", owner+"."+decl.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							add(decl.Tok.String(), name.Name)
						}
					case *ast.TypeSpec:
						add("type", spec.Name.Name)
						members(spec, add)
					}
				}
			}
		}
	}
	return names, nil
}

// members adds the fields of a struct, or the methods of an interface.
func members(spec *ast.TypeSpec, add func(kind, name string)) {
	var fields *ast.FieldList
	kind := "field"
	switch definition := spec.Type.(type) {
	case *ast.StructType:
		fields = definition.Fields
	case *ast.InterfaceType:
		fields, kind = definition.Methods, "method"
	default:
		return
	}
	for _, field := range fields.List {
		for _, name := range field.Names {
			add(kind, spec.Name.Name+"."+name.Name)
		}
	}
}

// receiver is the name of a method's type, without pointer and type parameters.
func receiver(expr ast.Expr) string {
	switch expr := expr.(type) {
	case *ast.StarExpr:
		return receiver(expr.X)
	case *ast.IndexExpr:
		return receiver(expr.X)
	case *ast.Ident:
		return expr.Name
	}
	return "?"
}
