//! Intrinsic functions, such as `States.Format('order {}', $.number)`.

use serde_json::Value;

use super::{
    budget::Budget,
    data::{Data, StateError},
    host::Host,
    path::Path,
};

mod arrays;
mod parse;
#[cfg(test)]
mod tests;
mod text;

/// A parsed function call, with its text for messages.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    text: String,
    function: Function,
    arguments: Vec<Argument>,
}

#[derive(Debug, Clone, PartialEq)]
enum Argument {
    /// A number, `true`, `false` or `null`.
    Literal(Value),
    /// The text between single quotes, including backslashes.
    Text(String),
    Path(Path),
    Call(Call),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Format,
    StringToJson,
    JsonToString,
    Array,
    ArrayPartition,
    ArrayContains,
    ArrayRange,
    ArrayGetItem,
    ArrayLength,
    ArrayUnique,
    Base64Encode,
    Base64Decode,
    Hash,
    JsonMerge,
    MathRandom,
    MathAdd,
    StringSplit,
    Uuid,
}

/// The functions with their minimum and maximum number of arguments.
const FUNCTIONS: [(&str, Function, usize, usize); 18] = [
    ("States.Format", Function::Format, 1, usize::MAX),
    ("States.StringToJson", Function::StringToJson, 1, 1),
    ("States.JsonToString", Function::JsonToString, 1, 1),
    ("States.Array", Function::Array, 0, usize::MAX),
    ("States.ArrayPartition", Function::ArrayPartition, 2, 2),
    ("States.ArrayContains", Function::ArrayContains, 2, 2),
    ("States.ArrayRange", Function::ArrayRange, 3, 3),
    ("States.ArrayGetItem", Function::ArrayGetItem, 2, 2),
    ("States.ArrayLength", Function::ArrayLength, 1, 1),
    ("States.ArrayUnique", Function::ArrayUnique, 1, 1),
    ("States.Base64Encode", Function::Base64Encode, 1, 1),
    ("States.Base64Decode", Function::Base64Decode, 1, 1),
    ("States.Hash", Function::Hash, 2, 2),
    ("States.JsonMerge", Function::JsonMerge, 3, 3),
    ("States.MathRandom", Function::MathRandom, 2, 3),
    ("States.MathAdd", Function::MathAdd, 2, 2),
    ("States.StringSplit", Function::StringSplit, 2, 2),
    ("States.UUID", Function::Uuid, 0, 0),
];

impl Call {
    /// Evaluates the call for the field of this name.
    #[cfg(any(test, fuzzing))]
    pub(super) fn evaluate(&self, field: &str, data: Data<'_>, host: &mut dyn Host) -> Result<Value, StateError> {
        self.evaluate_within(&mut Budget::default(), field, data, host)
    }

    /// Evaluates the call for the field of this name within a budget.
    pub(super) fn evaluate_within(
        &self,
        budget: &mut Budget,
        field: &str,
        data: Data<'_>,
        host: &mut dyn Host,
    ) -> Result<Value, StateError> {
        let mut values = Vec::with_capacity(self.arguments.len());
        for argument in &self.arguments {
            values.push(match argument {
                Argument::Literal(value) => value.clone(),
                // The template of Format keeps its backslashes, which distinguish a literal brace from a placeholder.
                Argument::Text(raw) if self.function == Function::Format && values.is_empty() => raw.clone().into(),
                Argument::Text(raw) => text::unescaped(raw).into(),
                Argument::Path(path) => {
                    let value = data.select(path).map_err(|_| StateError::field(path, field, data))?;
                    budget.spend(&value).map_err(|_| StateError::data_limit(field))?;
                    value.into_owned()
                }
                Argument::Call(call) => call.evaluate_within(budget, field, data, host)?,
            });
        }
        let result = self.function.apply(values, host).map_err(|message| StateError {
            error: "States.IntrinsicFailure",
            message: format!("The function '{}' had the following error: {message}", self.text),
        })?;
        budget.spend(&result).map_err(|_| StateError::data_limit(field))?;
        Ok(result)
    }
}

impl Function {
    fn apply(self, arguments: Vec<Value>, host: &mut dyn Host) -> Result<Value, String> {
        let mut arguments = arguments.into_iter();
        let mut next = || arguments.next().unwrap_or_default();
        match self {
            Self::Format => text::format(&next(), &arguments.collect::<Vec<_>>()),
            Self::StringToJson => text::string_to_json(&next()),
            Self::JsonToString => Ok(next().to_string().into()),
            Self::Array => Ok(arguments.collect::<Vec<_>>().into()),
            Self::ArrayPartition => arrays::partition(&next(), &next()),
            Self::ArrayContains => arrays::contains(&next(), &next()),
            Self::ArrayRange => arrays::range(&next(), &next(), &next()),
            Self::ArrayGetItem => arrays::get_item(&next(), &next()),
            Self::ArrayLength => arrays::length(&next()),
            Self::ArrayUnique => arrays::unique(next()),
            Self::Base64Encode => text::base64_encode(&next()),
            Self::Base64Decode => text::base64_decode(&next()),
            Self::Hash => text::hash(&next(), &next()),
            Self::JsonMerge => text::json_merge(next(), next(), &next()),
            Self::MathRandom => arrays::random(&next(), &next(), arguments.next().as_ref(), host),
            Self::MathAdd => arrays::add(&next(), &next()),
            Self::StringSplit => text::split(&next(), &next()),
            Self::Uuid => Ok(host.new_uuid().into()),
        }
    }
}
