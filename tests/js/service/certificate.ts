// A server whose certificate is signed by itself, for tests alone: nobody
// trusts it, and its key is no secret.

import type { RequestListener } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmdlwhyaQGoG/OE1g
+s5PYBnJis8HWGIUd9EndYMXHOuhRANCAASEhvTkRVJFlq9aD4+hpWWJjZXv0Q98
2W6YrccuifTDoEYP0eCHdzFdQmtRgsh2XvnJHt6v1SjoBPIK0ChoCF54
-----END PRIVATE KEY-----
`

/** It is of 127.0.0.1 and localhost, and valid from 2020 to 2120. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBgjCCASmgAwIBAgIBATAKBggqhkjOPQQDAjAiMSAwHgYDVQQDDBdhIGNlcnRp
ZmljYXRlIGZvciB0ZXN0czAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAw
MFowIjEgMB4GA1UEAwwXYSBjZXJ0aWZpY2F0ZSBmb3IgdGVzdHMwWTATBgcqhkjO
PQIBBggqhkjOPQMBBwNCAASEhvTkRVJFlq9aD4+hpWWJjZXv0Q982W6YrccuifTD
oEYP0eCHdzFdQmtRgsh2XvnJHt6v1SjoBPIK0ChoCF54o04wTDAPBgNVHRMBAf8E
BTADAQH/MBoGA1UdEQQTMBGHBH8AAAGCCWxvY2FsaG9zdDAdBgNVHQ4EFgQUBWE+
CYVUiYgCQJR+OLeTUw25DA8wCgYIKoZIzj0EAwIDRwAwRAIgcPmmGM5crecihrq+
axB5ChNxDjo42NQTquSHeLWA8xoCIEzFj57S+G/M18GhBayHNSao5h53RC7CHSk3
KquOPqwD
-----END CERTIFICATE-----
`

/** Starts it, and gives its address. */
export async function selfSigned(t: TestContext, listener: RequestListener): Promise<string> {
  const server = https.createServer({ key: KEY, cert: CERTIFICATE }, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}
