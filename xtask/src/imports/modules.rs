//! The modules of a crate, read from its files: what each declares, imports and defines.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use syn::{Attribute, Item, ItemMod, UseTree, Visibility};

/// The place of a file in [`Tree::file`].
pub(super) type FileId = usize;
/// The place of a module in [`Tree::module`].
pub(super) type ModuleId = usize;

/// One `use`: the path, in segments as written.
#[derive(Debug, Clone)]
pub(super) struct Import {
    pub(super) path: Vec<String>,
    /// `pub use` in any form.
    pub(super) re_export: bool,
}

/// One module, in a file of its own or inside another.
pub(super) struct Module {
    pub(super) file: FileId,
    pub(super) parent: Option<ModuleId>,
    pub(super) children: BTreeMap<String, ModuleId>,
    /// By the name under which it is known here; a glob has none.
    pub(super) imports: BTreeMap<String, Import>,
    pub(super) globs: Vec<Import>,
    pub(super) defined: BTreeSet<String>,
    pub(super) items: Vec<Item>,
}

/// All modules of one crate; the first is its root.
pub(super) struct Tree {
    files: Vec<PathBuf>,
    modules: Vec<Module>,
}

impl Tree {
    /// Reads the crate with this root file.
    ///
    /// # Errors
    /// A file is missing or is no Rust.
    pub(super) fn read(root: &Path) -> anyhow::Result<Self> {
        let mut tree = Self { files: Vec::new(), modules: Vec::new() };
        let folder = root.parent().context("a source file lies in a folder")?;
        tree.read_file(root, folder, None)?;
        Ok(tree)
    }

    pub(super) fn file(&self, file: FileId) -> &Path {
        self.files.get(file).map_or(Path::new(""), PathBuf::as_path)
    }

    pub(super) fn module(&self, module: ModuleId) -> Option<&Module> {
        self.modules.get(module)
    }

    pub(super) fn modules(&self) -> impl Iterator<Item = (ModuleId, &Module)> {
        self.modules.iter().enumerate()
    }

    /// `children` is the folder of the modules that the file declares.
    fn read_file(&mut self, path: &Path, children: &Path, parent: Option<ModuleId>) -> anyhow::Result<ModuleId> {
        let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        let parsed = syn::parse_file(&text).with_context(|| format!("parsing {}", path.display()))?;
        self.files.push(path.to_owned());
        self.add(self.files.len() - 1, parsed.items, children, parent)
    }

    fn add(
        &mut self,
        file: FileId,
        items: Vec<Item>,
        folder: &Path,
        parent: Option<ModuleId>,
    ) -> anyhow::Result<ModuleId> {
        let id = self.modules.len();
        let (imports, globs, defined) = (BTreeMap::new(), Vec::new(), BTreeSet::new());
        let module = Module { file, parent, children: BTreeMap::new(), imports, globs, defined, items: Vec::new() };
        self.modules.push(module);
        let mut kept = Vec::new();
        for item in items {
            if attributes(&item).is_some_and(|attributes| attributes.iter().any(is_test)) {
                continue;
            }
            match item {
                Item::Mod(declared) => {
                    let name = declared.ident.to_string();
                    let child = self.add_declared(declared, &name, folder, id)?;
                    if let (Some(child), Some(module)) = (child, self.modules.get_mut(id)) {
                        module.children.insert(name, child);
                    }
                }
                Item::Use(import) => {
                    let re_export = !matches!(import.vis, Visibility::Inherited);
                    if let Some(module) = self.modules.get_mut(id) {
                        module.import(&import.tree, &mut Vec::new(), re_export);
                    }
                }
                other => {
                    if let (Some(name), Some(module)) = (name(&other), self.modules.get_mut(id)) {
                        module.defined.insert(name);
                    }
                    kept.push(other);
                }
            }
        }
        if let Some(module) = self.modules.get_mut(id) {
            module.items = kept;
        }
        Ok(id)
    }

    fn add_declared(
        &mut self,
        declared: ItemMod,
        name: &str,
        folder: &Path,
        parent: ModuleId,
    ) -> anyhow::Result<Option<ModuleId>> {
        let inside = folder.join(name);
        if let Some((_, items)) = declared.content {
            let file = self.modules.get(parent).map_or(0, |parent| parent.file);
            return self.add(file, items, &inside, Some(parent)).map(Some);
        }
        let single = folder.join(format!("{name}.rs"));
        let file = if single.exists() { single } else { inside.join("mod.rs") };
        self.read_file(&file, &inside, Some(parent)).map(Some)
    }
}

impl Module {
    fn import(&mut self, tree: &UseTree, path: &mut Vec<String>, re_export: bool) {
        match tree {
            UseTree::Path(segment) => {
                path.push(segment.ident.to_string());
                self.import(&segment.tree, path, re_export);
                path.pop();
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, path, re_export);
                }
            }
            UseTree::Glob(_) => self.globs.push(Import { path: path.clone(), re_export }),
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                let mut path = path.clone();
                if name != "self" {
                    path.push(name);
                }
                if let Some(known_as) = path.last().cloned() {
                    self.imports.insert(known_as, Import { path, re_export });
                }
            }
            UseTree::Rename(rename) => {
                let path = path.iter().cloned().chain([rename.ident.to_string()]).collect();
                // `use Trait as _` has no name but is an import like any other.
                let known_as = match rename.rename.to_string() {
                    underscore if underscore == "_" => format!("_ {}", self.imports.len()),
                    name => name,
                };
                self.imports.insert(known_as, Import { path, re_export });
            }
        }
    }
}

/// Whether the attribute leaves the item out of a program: `#[test]`, or a `cfg` for tests or fuzzing only.
pub(super) fn is_test(attribute: &Attribute) -> bool {
    let Some(last) = attribute.path().segments.last() else { return false };
    if last.ident == "test" {
        return true;
    }
    let syn::Meta::List(list) = &attribute.meta else { return false };
    if last.ident != "cfg" {
        return false;
    }
    let words = list.tokens.to_string();
    let mut words = words.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let (mut test, mut other) = (false, false);
    for word in words.by_ref().filter(|word| !word.is_empty()) {
        match word {
            "test" | "fuzzing" => test = true,
            "any" | "all" => {}
            _ => other = true,
        }
    }
    test && !other
}

pub(super) fn attributes(item: &Item) -> Option<&[Attribute]> {
    Some(match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => return None,
    })
}

fn name(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}
