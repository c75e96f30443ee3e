import { type Dispatcher, EnvHttpProxyAgent, Pool } from "undici";

/** `HTTPS_PROXY` and `NO_PROXY` as the configuration read them. */
export type ProxySettings = { readonly httpsProxy?: string; readonly noProxy?: string };

/**
 * Connections to WeChat, straight or through a proxy, TLS always verified. Every setting is given, the
 * empty ones too: what is left out undici would take from the environment.
 */
export function openDispatcher({ httpsProxy = "", noProxy = "" }: ProxySettings): Dispatcher {
  const verified = { rejectUnauthorized: true };
  return new EnvHttpProxyAgent({
    httpProxy: "",
    httpsProxy,
    noProxy,
    connect: verified,
    requestTls: verified,
    proxyTls: verified,
    clientFactory: openProxyConnections,
  });
}

/**
 * Connections to the proxy. One that the proxy cuts while a tunnel is asked for must not look like undici's
 * own SocketError: undici would ask again at once, thousands of times a second, until the call's time is
 * over (`onError` in its client.js passes over UND_ERR_SOCKET).
 */
function openProxyConnections(origin: URL, options: object): Dispatcher {
  const pool = new Pool(origin, options);
  const connect: (request: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData> =
    pool.connect.bind(pool);
  const connectOnce = (request: Dispatcher.ConnectOptions) =>
    connect(request).catch((cause: unknown) => {
      throw new Error("the proxy opened no tunnel", { cause });
    });
  return Object.assign(pool, { connect: connectOnce });
}
