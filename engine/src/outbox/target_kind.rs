//! The kinds of targets.

/// What the ARN of a target names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TargetKind {
    StateMachine,
    Function,
    LogGroup,
}

impl TargetKind {
    pub(crate) fn of(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(7, ':');
        let (arn, _partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let resource = parts.nth(2)?;
        match (arn, service, resource) {
            ("arn", "states", "stateMachine") => Some(Self::StateMachine),
            ("arn", "lambda", "function") => Some(Self::Function),
            ("arn", "logs", "log-group") => Some(Self::LogGroup),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_supported_arns_are_targets() {
        let kind = TargetKind::of;
        assert_eq!(kind("arn:aws:states:us-east-1:000000000000:stateMachine:m"), Some(TargetKind::StateMachine));
        assert_eq!(kind("arn:aws:lambda:us-east-1:000000000000:function:f"), Some(TargetKind::Function));
        assert_eq!(kind("arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/x:*"), Some(TargetKind::LogGroup));
        assert_eq!(kind("arn:aws:sqs:us-east-1:000000000000:queue"), None);
        assert_eq!(kind("function:f"), None);
    }
}
