/**
 * What a server of ours inherits. All else stays behind: PGPORT, NODE_PORT, ERL_FLAGS and many more
 * are set for other servers and clients, and would steer ours.
 */
const inherited = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'TMP', 'TEMP'],
  ...['LANG', 'LC_ALL', 'LC_CTYPE', 'LOCALE_ARCHIVE', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'],
  // Windows starts few programs without these.
  ...['PATHEXT', 'COMSPEC', 'SYSTEMDRIVE', 'SYSTEMROOT', 'WINDIR', 'USERPROFILE', 'APPDATA'],
];

export function serverEnvironment(): NodeJS.ProcessEnv {
  const wanted = Object.entries(process.env).filter(([name]) =>
    inherited.includes(name.toUpperCase()),
  );
  return Object.fromEntries(wanted);
}
