//! A PostgreSQL server of the tests' own, where the programs are installed.

use std::env;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Context as _, Error, Result};
use crate::process;
use crate::project::Project;

pub const ADVICE: &str =
    "not found; its tests are skipped (Debian: `apt-get install postgresql`, or set DATABASE_URL)";

const INIT_LIMIT: Duration = Duration::from_secs(120);
const START_LIMIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);

/// Who runs the server when root may not; the first of them that exists.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// Stops, and takes its data away, when it is dropped.
pub struct Server {
    child: Child,
    data: PathBuf,
    port: u16,
}

impl Server {
    /// Nothing if PostgreSQL is not installed.
    pub fn start(project: &Project) -> Result<Option<Self>> {
        let (Some(init), Some(program)) = (find("initdb"), find("postgres")) else {
            return Ok(None);
        };
        // Not below the target folder: another user must reach it.
        let data = env::temp_dir().join(format!("dacc-postgres-{}", std::process::id()));
        fs::create_dir_all(&data).doing(|| format!("create {}", data.display()))?;
        let owner = Owner::of(&data)?;
        let mut make = owner.command(&init);
        make.arg("--pgdata").arg(&data).args([
            "--username=dacc",
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
        ]);
        process::run_quietly(&mut make, &project.log("initdb"), INIT_LIMIT)?;

        let port = free_port()?;
        let log = project.log("postgres");
        let output = fs::File::create(&log).doing(|| format!("write {}", log.display()))?;
        let mut serve = owner.command(&program);
        serve.arg("-D").arg(&data).args([
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
        ]);
        serve.args(["-c", "fsync=off", "-c", &format!("port={port}")]);
        let child = serve
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output)
            .spawn()
            .doing(|| format!("start {}", program.display()))?;
        let mut server = Self { child, data, port };
        server.wait(&log)?;
        Ok(Some(server))
    }

    pub fn url(&self) -> String {
        format!("postgres://dacc@127.0.0.1:{}/postgres", self.port)
    }

    fn wait(&mut self, log: &Path) -> Result<()> {
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.child.try_wait().doing(|| "wait for PostgreSQL".to_owned())?;
            if ended.is_some() || started.elapsed() > START_LIMIT {
                return Err(Error::new(format!("PostgreSQL did not start; {} says why", log.display())));
            }
            thread::sleep(POLL);
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its data is thrown away: nothing is worth an orderly end.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.data);
    }
}

/// On PATH, or where Debian has the newest version of it.
fn find(program: &str) -> Option<PathBuf> {
    let debian = || {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
        let programs = versions.flatten().map(|version| version.path().join("bin").join(program));
        programs.filter(|path| path.is_file()).max()
    };
    process::find(program).or_else(debian)
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).doing(|| "find a free port".to_owned())?;
    Ok(listener.local_addr().doing(|| "find a free port".to_owned())?.port())
}

/// The user who runs the server: PostgreSQL refuses to be run by root.
struct Owner {
    #[cfg(unix)]
    id: Option<(u32, u32)>,
}

#[cfg(unix)]
impl Owner {
    fn of(data: &Path) -> Result<Self> {
        use std::os::unix::fs::{MetadataExt as _, chown};

        let ours = fs::metadata(data).doing(|| format!("read {}", data.display()))?.uid();
        if ours != 0 {
            return Ok(Self { id: None });
        }
        let (uid, gid) = USERS
            .iter()
            .find_map(|name| ids(&fs::read_to_string("/etc/passwd").ok()?, name))
            .ok_or_else(|| Error::new("PostgreSQL is not run by root, and there is no user `nobody`"))?;
        chown(data, Some(uid), Some(gid)).doing(|| format!("give {} to another user", data.display()))?;
        Ok(Self { id: Some((uid, gid)) })
    }

    fn command(&self, program: &Path) -> Command {
        use std::os::unix::process::CommandExt as _;

        let mut command = process::command(program);
        command.current_dir("/");
        if let Some((uid, gid)) = self.id {
            command.uid(uid).gid(gid);
        }
        command
    }
}

#[cfg(not(unix))]
impl Owner {
    fn of(_: &Path) -> Result<Self> {
        Ok(Self {})
    }

    fn command(&self, program: &Path) -> Command {
        process::command(program)
    }
}

/// User and group of a line of /etc/passwd.
#[cfg(unix)]
fn ids(passwd: &str, name: &str) -> Option<(u32, u32)> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':');
    Some((fields.nth(2)?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_user_s_ids_are_read_from_its_line() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533:nobody:/:/bin/false\n";
        assert_eq!(ids(passwd, "nobody"), Some((65534, 65533)));
        assert_eq!(ids(passwd, "body"), None);
    }
}
