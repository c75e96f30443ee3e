import { Webhook } from "standardwebhooks";

/** A secret as its bytes are written: in base64, or as the characters themselves. */
export type WebhookSecret = { readonly secret: string; readonly format: "base64" | "raw" };

/**
 * The headers of a Standard Webhooks message: signed by every secret, the signatures separated by spaces, so that a
 * receiver accepts it who knows any of them. `at`: when it is sent, milliseconds.
 */
export function createSign(secrets: readonly WebhookSecret[]) {
  const hooks = secrets.map(({ secret, format }) =>
    format === "raw" ? new Webhook(secret, { format }) : new Webhook(secret),
  );

  return (id: string, at: number, body: string): Record<string, string> => ({
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at / 1_000)),
    "webhook-signature": hooks.map((hook) => hook.sign(id, new Date(at), body)).join(" "),
  });
}

export type Sign = ReturnType<typeof createSign>;
