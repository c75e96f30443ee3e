import type { Handler } from "hono";
import type { Access } from "./auth.ts";

/** One call of the API: who may make it, and what answers it. */
export type Route = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly access: Access;
  readonly handler: Handler;
};

/** One page for people, or what belongs to it. */
export type PageRoute = Pick<Route, "method" | "path" | "access" | "handler">;
