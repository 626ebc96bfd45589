//! The options of `doppio serve`.

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf};

use clap::{Args, ValueEnum};
use ipnet::IpNet;

use super::{AwsApi, ConnectionLimits, LiveLimits, live};
use crate::secret::Secret;

/// Where the workflows run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CloudKind {
    /// In this process. All data is in one file of the data folder.
    Embedded,
    /// In an AWS account, with the credentials that AWS's own tools would use.
    Aws,
}

/// The options of `doppio serve`.
#[expect(rustdoc::bare_urls, reason = "clap prints these comments as they are")]
#[derive(Debug, Clone, Args)]
pub struct ServeConfig {
    /// Address and port of the pages. Use 0.0.0.0:3000 to make them available to phones in the same network.
    #[arg(long, env = "DOPPIO_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,

    /// Folder of everything that must survive a restart: the database of the embedded cloud and the key of the cookies.
    #[arg(long, env = "DOPPIO_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,

    /// Where workflows, tables and events are.
    #[arg(long, env = "DOPPIO_CLOUD", value_enum, default_value = "embedded")]
    pub cloud: CloudKind,

    /// Address of the AWS API of the embedded cloud, or "off". It has no sign-in, so only a loopback address is
    /// accepted. Default: 127.0.0.1:4566 if --listen is a loopback address too, else off.
    #[arg(long, env = "DOPPIO_AWS_API", value_name = "ADDRESS|off")]
    pub aws_api: Option<AwsApi>,

    /// Prefix of the names of all tables, buses and workflows, so that several bars can share an account.
    #[arg(long, env = "DOPPIO_TABLE_PREFIX", default_value = "")]
    pub table_prefix: String,

    /// Region of the account. Default: the one that AWS's own tools would use. Only with --cloud aws.
    #[arg(long, env = "DOPPIO_REGION")]
    pub region: Option<String>,

    /// URL of the pages for guests when there is a proxy before this server, such as https://coffee.example. With
    /// https, cookies are never sent over plain http.
    #[arg(long, env = "DOPPIO_PUBLIC_URL")]
    pub public_url: Option<String>,

    /// Further names of this machine, separated by commas, for guests who use a name such as coffee.lan. Requests for
    /// other hosts than these, the machine's own name, localhost and IP addresses are refused, because they come from
    /// web pages of other sites. With --public-url this applies to the AWS API only.
    #[arg(long, env = "DOPPIO_ALLOW_HOST", value_name = "NAME", value_delimiter = ',', value_parser = host_name)]
    pub allow_host: Vec<String>,

    /// Origins, such as https://signage.example, whose pages may show /display in a frame, separated by commas. No
    /// other page of this server can be shown in a frame.
    #[arg(long, env = "DOPPIO_ALLOW_FRAME", value_name = "ORIGIN", value_delimiter = ',', value_parser = frame_origin)]
    pub allow_frame: Vec<String>,

    /// Addresses or networks of the proxies before this server, separated by commas. Only they are believed when they
    /// name the client in X-Forwarded-For.
    #[arg(long, env = "DOPPIO_TRUSTED_PROXY", value_name = "ADDRESS|NETWORK", value_delimiter = ',', value_parser = live::network)]
    pub trusted_proxy: Vec<IpNet>,

    /// How many connections there may be at once.
    #[command(flatten)]
    pub connection_limits: ConnectionLimits,

    /// How many live connections there may be at once.
    #[command(flatten)]
    pub live_limits: LiveLimits,

    /// How many orders the guests of one network (an IPv4 address, or the first 64 bits of an IPv6 address) may start
    /// in a minute, and how many they may submit. The default is high, because a whole conference may come through one
    /// address. Orders that staff place at the bar are not limited.
    #[arg(long, env = "DOPPIO_STARTS_PER_MINUTE", value_name = "ORDERS", default_value = "120")]
    pub starts_per_minute: NonZeroU32,

    /// Address for Prometheus (/metrics) and load balancers (/healthz, /readyz), such as 127.0.0.1:9090. It has no
    /// sign-in, and shows no order, name or token. Default: off.
    #[arg(long, env = "DOPPIO_METRICS", value_name = "ADDRESS")]
    pub metrics: Option<SocketAddr>,

    /// Folder of the built pages (Trunk's output).
    #[arg(long, env = "DOPPIO_SITE_ROOT", default_value = "dist")]
    pub site_root: PathBuf,

    /// Key of the cookies: at least 64 random bytes in base64, the same on every node. Default: created once and kept
    /// in the data folder. Prefer the environment variable, because other users of the machine cannot read it.
    #[arg(long, env = "DOPPIO_COOKIE_KEY", hide_env_values = true)]
    pub cookie_key: Option<Secret>,

    /// Filter of the log, such as "info,server=debug".
    #[arg(long, env = "DOPPIO_LOG", default_value = "info")]
    pub log: String,
}

/// Why a configuration is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The AWS API would be open to other machines.
    #[error(
        "--aws-api {0} can be reached from other machines, and it has no sign-in. Use a loopback address such as 127.0.0.1:4566, or off."
    )]
    OpenAwsApi(SocketAddr),
    /// The AWS API belongs to the embedded cloud, which is not used.
    #[error("--aws-api is for --cloud embedded. With --cloud aws use AWS's own endpoints; leave --aws-api out.")]
    NoEmbeddedCloud,
    /// The public URL is not an origin.
    #[error("--public-url {0:?} is not an origin. Write it as https://coffee.example, without a path.")]
    PublicUrl(String),
    /// AWS does not accept the prefix in names.
    #[error("--table-prefix {0:?} may have letters, digits, '-', '_' and '.' only, and at most 32 of them.")]
    TablePrefix(String),
}

impl ServeConfig {
    /// Checks what clap cannot.
    ///
    /// # Errors
    /// [`ConfigError`], which says what to write instead.
    pub fn check(&self) -> Result<(), ConfigError> {
        match (&self.aws_api, self.cloud) {
            (Some(AwsApi::At(_)), CloudKind::Aws) => return Err(ConfigError::NoEmbeddedCloud),
            (Some(AwsApi::At(address)), CloudKind::Embedded) if !address.ip().is_loopback() => {
                return Err(ConfigError::OpenAwsApi(*address));
            }
            _ => {}
        }
        if let Some(url) = &self.public_url
            && origin(url).is_none()
        {
            return Err(ConfigError::PublicUrl(url.clone()));
        }
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if self.table_prefix.len() > 32 || !self.table_prefix.bytes().all(legal) {
            return Err(ConfigError::TablePrefix(self.table_prefix.clone()));
        }
        Ok(())
    }

    /// The address of the AWS API of the embedded cloud, unless it is off.
    pub fn aws_api_address(&self) -> Option<SocketAddr> {
        match (&self.aws_api, self.cloud) {
            (_, CloudKind::Aws) | (Some(AwsApi::Off), _) => None,
            (Some(AwsApi::At(address)), CloudKind::Embedded) => Some(*address),
            (None, CloudKind::Embedded) => {
                self.listen.ip().is_loopback().then_some(SocketAddr::from(([127, 0, 0, 1], 4566)))
            }
        }
    }

    /// The public URL as an origin: without a slash at its end.
    pub fn public_origin(&self) -> Option<&str> {
        self.public_url.as_deref().and_then(origin)
    }

    /// Whether guests come over https.
    pub fn is_https(&self) -> bool {
        self.public_origin().is_some_and(|origin| origin.starts_with("https://"))
    }
}

/// Parses an origin that may be part of a Content-Security-Policy.
fn frame_origin(text: &str) -> Result<String, &'static str> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':' | b'/' | b'[' | b']');
    let origin = origin(text).filter(|origin| origin.bytes().all(legal));
    origin.map(str::to_owned).ok_or("write an origin such as https://signage.example, without a path")
}

/// Parses the name of a host, without a port.
fn host_name(text: &str) -> Result<String, &'static str> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if text.is_empty() || !text.bytes().all(legal) {
        return Err("write the name of a host such as coffee.lan, without a port");
    }
    Ok(text.to_owned())
}

fn origin(url: &str) -> Option<&str> {
    let origin = url.strip_suffix('/').unwrap_or(url);
    let uri: http::Uri = origin.parse().ok()?;
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    let bare = uri.authority().is_some_and(|authority| !authority.as_str().contains('@')) && uri.path() == "/";
    (web && bare && uri.query().is_none() && !origin.ends_with('/')).then_some(origin)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::config::{Cli, Command};

    fn serve(arguments: &[&str]) -> ServeConfig {
        match Cli::parse_from(["doppio", "serve"].iter().chain(arguments)).command {
            Command::Serve(config) => config,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_aws_api_is_never_open_to_other_machines() {
        assert_eq!(serve(&[]).aws_api_address(), Some("127.0.0.1:4566".parse().unwrap()));
        assert_eq!(serve(&["--listen", "0.0.0.0:3000"]).aws_api_address(), None);
        assert_eq!(serve(&["--aws-api", "off"]).aws_api_address(), None);
        assert_eq!(serve(&["--cloud", "aws"]).aws_api_address(), None);
        let open: SocketAddr = "0.0.0.0:4566".parse().unwrap();
        assert_eq!(serve(&["--aws-api", "0.0.0.0:4566"]).check(), Err(ConfigError::OpenAwsApi(open)));
        assert!(serve(&["--aws-api", "[::1]:4566"]).check().is_ok());
        let aws = serve(&["--cloud", "aws", "--aws-api", "127.0.0.1:4566"]);
        assert_eq!(aws.check(), Err(ConfigError::NoEmbeddedCloud));
    }

    #[test]
    fn the_key_of_the_cookies_is_not_logged() {
        let config = serve(&["--cookie-key", "c2VjcmV0"]);
        assert!(config.cookie_key.is_some() && !format!("{config:?}").contains("c2VjcmV0"));
    }

    #[test]
    fn a_frame_s_origin_cannot_add_to_the_policy() {
        let parse = |text: &str| frame_origin(text).is_ok();
        assert!(parse("https://signage.example") && parse("http://[::1]:8080/") && parse("http://10.0.0.7:8080"));
        for bad in ["*", "https:", "https://*", "https://a;script-src", "https://a b", "'self'", "https://a/b", ""] {
            assert!(!parse(bad), "{bad}");
        }
    }

    #[test]
    fn a_public_url_is_an_origin_and_decides_about_https() {
        let with = |url: &str| serve(&["--public-url", url]);
        assert_eq!(with("https://coffee.example/").public_origin(), Some("https://coffee.example"));
        assert!(with("https://coffee.example").is_https() && !with("http://bar.local:3000").is_https());
        for bad in ["coffee.example", "https://coffee.example/bar", "ftp://x", "https://x//", "https://a@b"] {
            assert!(with(bad).check().is_err(), "{bad}");
        }
    }
}
