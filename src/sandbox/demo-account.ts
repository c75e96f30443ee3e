/**
 * The account of a sandbox that was given no accounts file, in the form of such a file. The demo's server is
 * given the same one. Its secrets protect nothing: they open a fake.
 */
export const demoAccount = {
  id: "demo",
  appid: "wxdemo0000000000",
  secret: "demo-secret-of-the-sandbox-00000",
  kind: "service",
  token: "demo-callback-token",
  encodingAESKey: "qunfaDemoEncodingAESKey00000000000000000000",
} as const;
