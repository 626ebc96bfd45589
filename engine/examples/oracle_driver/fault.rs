//! The faults a request can have, and AWS's messages for them.

/// A fault that AWS finds while parsing the request, before it reads any item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// An invalid value: an empty set, a duplicate in a set, a number out of range, `NULL: false`.
    Value,
    /// An unused name or value.
    Unused,
    /// An undefined name or value.
    Undefined,
    /// Names or values without any expression.
    NoExpression,
    /// A syntax error.
    Syntax,
    /// A reserved word as a name.
    Reserved,
    /// A value whose type the operator or function does not accept.
    Operand,
    /// An operator with the same path on both sides.
    Distinct,
    /// Bounds of BETWEEN with different types or in the wrong order.
    Between,
    /// An unknown type name.
    TypeName,
    /// One path contains another.
    Overlap,
    /// One path treats as a map what another treats as a list.
    Conflict,
    /// A limit is exceeded.
    Limit,
    /// A condition on the hash key other than equality.
    KeyCondition,
    /// A `Select` that does not fit the other members.
    Select,
    /// A key twice in one batch.
    Twice,
    /// A query filter on a key attribute.
    KeyInFilter,
}

impl Fault {
    /// Parts of AWS's messages; one must be in the response.
    pub(crate) fn texts(self) -> &'static [&'static str] {
        match self {
            Self::Value => &[
                "contains invalid value",
                "may not be empty",
                "should not be empty",
                "contains duplicates",
                "cannot be converted to a numeric value",
                "must have the value of true",
                "Number overflow",
                "Number underflow",
                "more than 38 significant digits",
            ],
            Self::Unused => &["unused in expressions"],
            Self::Undefined => &["is not defined; attribute"],
            Self::NoExpression => &["can only be specified when using expressions"],
            Self::Syntax => &["Syntax error"],
            Self::Reserved => &["reserved keyword"],
            Self::Operand => &["Incorrect operand type for operator or function"],
            Self::Distinct => &["The first operand must be distinct"],
            Self::Between => &["The BETWEEN operator requires"],
            Self::TypeName => &["Invalid attribute type name found"],
            Self::Overlap => &["Two document paths overlap"],
            Self::Conflict => &["Two document paths conflict"],
            Self::KeyCondition => &["Query key condition not supported"],
            Self::Select => &[
                "Select type ALL_ATTRIBUTES is not supported for global",
                "ALL_PROJECTED_ATTRIBUTES can be used only",
                "Cannot specify the ProjectionExpression",
                "SPECIFIC_ATTRIBUTES",
            ],
            Self::Twice => &["Provided list of item keys contains duplicates"],
            Self::KeyInFilter => {
                &["Filter Expression can only contain non-primary key attributes", "Key attributes must be scalars"]
            }
            Self::Limit => &[
                "exceeded",
                "Member must have length less than or equal to",
                "Too many items requested",
                "too many operators",
                "Member must have value",
                "Nesting Levels",
                "Size of hashkey",
                "Aggregated size of all range keys",
            ],
        }
    }
}
