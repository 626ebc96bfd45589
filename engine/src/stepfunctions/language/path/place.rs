//! Writing a value at a reference path (`ResultPath`).

use serde_json::{Map, Value};

use super::select::{Path, Selector, resolve};

impl Path {
    /// Writes `value` at this path in `root`. Missing objects on the way are created; missing array items are not.
    ///
    /// The error is the reason why the path does not fit.
    pub(in crate::stepfunctions::language) fn place(&self, root: &mut Value, value: Value) -> Result<(), String> {
        let mut here = root;
        for segment in &self.segments {
            here = match &segment.selector {
                Selector::Names(names) => {
                    if here.is_null() {
                        *here = Value::Object(Map::new());
                    }
                    let (Value::Object(members), Some(name)) = (here, names.first()) else {
                        return Err(self.unplaceable());
                    };
                    members.entry(name.clone()).or_insert(Value::Null)
                }
                Selector::Indexes(indexes) => {
                    let (Value::Array(items), Some(index)) = (here, indexes.first()) else {
                        return Err(self.unplaceable());
                    };
                    resolve(*index, items.len())
                        .and_then(|index| items.get_mut(index))
                        .ok_or_else(|| self.unplaceable())?
                }
                _ => return Err(self.unplaceable()),
            };
        }
        *here = value;
        Ok(())
    }

    fn unplaceable(&self) -> String {
        format!("Unable to apply ReferencePath {} to input", self.text)
    }
}
