import { type Logger as PinoLogger, pino } from "pino";

export type Logger = PinoLogger;

export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

/**
 * JSON lines on stdout: a fixed sentence, variables as fields.
 * Fields that could carry a person or a secret are redacted wherever they stand, one level deep.
 */
export function createLogger(level: (typeof logLevels)[number]): Logger {
  const secret = [
    "openid",
    "openids",
    "touser",
    "secret",
    "token",
    "accessToken",
    "access_token",
    "encodingAESKey",
    "previousToken",
    "previousEncodingAESKey",
    "key",
    "authorization",
    "password",
  ];
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secret.flatMap((field) => [field, `*.${field}`]), censor: "[redacted]" },
  });
}
