import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { z } from "zod";
import { type Clock, systemClock } from "../clock.ts";
import { Failure } from "../failure.ts";
import { createLogger, type Logger } from "../log.ts";
import { createBackstage, localOnly } from "./backstage.ts";
import { createEvents } from "./events.ts";
import { createFaults } from "./faults.ts";
import { createIds } from "./ids.ts";
import { createJobs } from "./jobs.ts";
import { createMass } from "./mass.ts";
import { renderPage } from "./page.ts";
import { createQrcodePicture } from "./qrcode-picture.ts";
import { createDraw } from "./random.ts";
import { createRequests } from "./requests.ts";
import { createRooms } from "./rooms.ts";
import { openSchedule } from "./schedule.ts";
import { Settings } from "./settings.ts";
import { createStageHands } from "./stage-hands.ts";
import { createWechatApi } from "./wechat-api.ts";
import { createWorld } from "./world.ts";

// Above the 10 MB of a picture or film, so that one that is too big is refused by its own code.
const mostBodyBytes = 24 * 1024 * 1024;

export type SandboxOptions = z.input<typeof Settings> & { clock?: Clock; log?: Logger };
export type Sandbox = Awaited<ReturnType<typeof openSandbox>>;

/**
 * A fake WeChat, listening. Every option may be left out; port 0 takes a free one. The clock rules quotas,
 * tokens and windows, while latencies and delays pass in real time.
 */
export async function openSandbox({
  clock = systemClock,
  log = createLogger("silent"),
  ...options
}: SandboxOptions) {
  const settings = Settings.parse(options);
  let { callbackBase } = settings;
  const draw = createDraw(settings.seed);
  const schedule = openSchedule(log);
  const world = createWorld(settings, clock);
  const [faults, requests] = [createFaults(), createRequests()];
  const nextIds = createIds(systemClock, settings.msgIds);
  const jobs = createJobs({
    settings,
    callbackBase: () => callbackBase,
    clock,
    schedule,
    draw,
    nextIds,
    log,
  });
  const mass = createMass({ limits: settings, faults, jobs });
  const rooms = createRooms({ world, mass, settings });
  const events = createEvents({ settings, callbackBase: () => callbackBase, clock, schedule });
  const drawLatency = () => draw(settings.latencyMs);

  const app = new Hono<{ Bindings: HttpBindings }>();
  app.onError((error, context) => {
    if (!schedule.signal.aborted) log.warn({ err: error }, "A request to the sandbox failed.");
    return context.text("Internal Server Error", 500);
  });
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.use("/cgi-bin/*", bodyLimit({ maxSize: mostBodyBytes }));
  app.route("/cgi-bin", createWechatApi({ world, rooms, faults, requests, schedule, clock, drawLatency }));
  app.route("/cgi-bin", createQrcodePicture(world));
  app.use("/", localOnly);
  app.use("/sandbox/*", localOnly);
  for (const path of ["/", "/sandbox"]) {
    app.get(path, (context) => context.html(renderPage({ world, requests })));
  }
  app.route("/sandbox", createBackstage({ world, faults, requests }));
  app.route("/sandbox", createStageHands({ world, jobs, events }));

  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  await listen(server, settings);
  const { port } = server.address() as AddressInfo;
  const host = settings.host.includes(":") ? `[${settings.host}]` : settings.host;

  return {
    url: `http://${host}:${port}`,
    port,
    /** Where results are pushed from now on, for a receiver that got its port later than this. */
    callTo(base: string): void {
      callbackBase = base;
    },
    /** Cuts every connection and forgets what was still to happen. */
    async close(): Promise<void> {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await Promise.all([closed, schedule.close()]);
    },
  };
}

async function listen(server: Server, { port, host }: Settings): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new Failure("BAD_CONFIG", `The sandbox can't listen on ${host}, port ${port}: ${cause}`, { cause });
  }
}
