//! Which file takes something from which other file.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, ItemUse, Macro, Path, UseTree};

use super::modules::{self, FileId, ModuleId, Tree};

/// A chain of re-exports is never longer; a longer one goes in a circle.
const LONGEST_CHAIN: u8 = 16;

/// Every edge, with the first path that makes it.
pub(super) fn of(tree: &Tree) -> BTreeMap<(FileId, FileId), String> {
    let mut edges = BTreeMap::new();
    for (id, module) in tree.modules() {
        let mut add = |path: &[String], to: Option<FileId>| {
            if let Some(to) = to.filter(|&to| to != module.file) {
                edges.entry((module.file, to)).or_insert_with(|| path.join("::"));
            }
        };
        for import in module.imports.values().filter(|import| !import.re_export) {
            add(&import.path, tree.resolve(id, &import.path).and_then(Target::file));
        }
        for import in module.globs.iter().filter(|import| !import.re_export) {
            if let Some(Target::Module(to)) = tree.resolve(id, &import.path) {
                add(&import.path, tree.module(to).map(|to| to.file));
            }
        }
        let mut paths = Paths::default();
        for item in &module.items {
            paths.visit_item(item);
        }
        for path in paths.found {
            add(&path, tree.resolve(id, &path).and_then(Target::file));
        }
    }
    edges
}

/// What a path leads to.
#[derive(Debug, Clone, Copy)]
enum Target {
    /// A module and nothing in it.
    Module(ModuleId),
    /// Something that this file defines.
    Item(FileId),
}

impl Target {
    fn file(self) -> Option<FileId> {
        match self {
            Self::Item(file) => Some(file),
            Self::Module(_) => None,
        }
    }
}

impl Tree {
    /// Follows a path that is written in the module `from`. `None`: it leaves the crate or is a local name.
    fn resolve(&self, from: ModuleId, path: &[String]) -> Option<Target> {
        self.follow(from, path, LONGEST_CHAIN)
    }

    fn follow(&self, from: ModuleId, path: &[String], chain: u8) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.inside(0, rest, chain),
            "self" => self.inside(from, rest, chain),
            "super" => self.above(self.module(from)?.parent?, rest, chain),
            // A name of the module itself: a child or an import. Its own items are no edge.
            name => {
                let module = self.module(from)?;
                if let Some(&child) = module.children.get(name) {
                    return self.inside(child, rest, chain);
                }
                let import = module.imports.get(name)?;
                // `use name::…` of another crate would lead to itself.
                let leaves = import.path.first().is_some_and(|segment| segment == name);
                if leaves && !module.children.contains_key(name) {
                    return None;
                }
                self.through(from, &import.path, rest, chain)
            }
        }
    }

    fn above(&self, module: ModuleId, path: &[String], chain: u8) -> Option<Target> {
        match path.split_first() {
            Some((first, rest)) if first == "super" => self.above(self.module(module)?.parent?, rest, chain),
            _ => self.inside(module, path, chain),
        }
    }

    /// Follows the import `import` of `module` and then `rest`.
    fn through(&self, module: ModuleId, import: &[String], rest: &[String], chain: u8) -> Option<Target> {
        let path: Vec<String> = import.iter().chain(rest).cloned().collect();
        self.follow(module, &path, chain.checked_sub(1)?)
    }

    fn inside(&self, id: ModuleId, path: &[String], chain: u8) -> Option<Target> {
        let Some((first, rest)) = path.split_first() else { return Some(Target::Module(id)) };
        let module = self.module(id)?;
        if module.defined.contains(first) {
            return Some(Target::Item(module.file));
        }
        if let Some(&child) = module.children.get(first) {
            return self.inside(child, rest, chain);
        }
        if let Some(import) = module.imports.get(first) {
            return self.through(id, &import.path, rest, chain);
        }
        for glob in &module.globs {
            if let Some(Target::Item(file)) = self.through(id, &glob.path, path, chain) {
                return Some(Target::Item(file));
            }
        }
        // A macro has made it, such as the function of a component.
        module.globs.is_empty().then_some(Target::Item(module.file))
    }
}

/// Collects the paths in code, also those inside of macros and attributes.
#[derive(Debug, Default)]
struct Paths {
    found: Vec<Vec<String>>,
}

impl Paths {
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.end(&mut path);
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.end(&mut path);
                    colons = 0;
                    self.tokens(group.stream());
                }
                _ => {
                    self.end(&mut path);
                    colons = 0;
                }
            }
        }
        self.end(&mut path);
    }

    fn end(&mut self, path: &mut Vec<String>) {
        if path.len() > 1 {
            self.found.push(std::mem::take(path));
        }
        path.clear();
    }

    fn import(&mut self, tree: &UseTree, path: &mut Vec<String>) {
        match tree {
            UseTree::Path(segment) => {
                path.push(segment.ident.to_string());
                self.import(&segment.tree, path);
                path.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, path)),
            UseTree::Name(name) => self.found.push(path.iter().cloned().chain([name.ident.to_string()]).collect()),
            UseTree::Rename(name) => self.found.push(path.iter().cloned().chain([name.ident.to_string()]).collect()),
            UseTree::Glob(_) => {}
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item(&mut self, item: &'ast Item) {
        if !modules::attributes(item).is_some_and(|attributes| attributes.iter().any(modules::is_test)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let test = matches!(item, ImplItem::Fn(function) if function.attrs.iter().any(modules::is_test));
        if !test {
            visit::visit_impl_item(self, item);
        }
    }

    /// One inside of a function.
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.import(&item.tree, &mut Vec::new());
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.segments.len() > 1 && path.leading_colon.is_none() {
            self.found.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, used: &'ast Macro) {
        self.tokens(used.tokens.clone());
        visit::visit_macro(self, used);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
    }
}
