import { createHash } from "node:crypto";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createUploads } from "../../src/store/uploads.ts";
import { hour, openRig } from "../store/rig.ts";
import { mediaFile } from "../support/media.ts";
import { until } from "../support/until.ts";
import { openDoor } from "./door.ts";

const MB = 1_048_576;
const rig = openRig();
const uploads = createUploads(rig.redis, rig.keys);
let door: Awaited<ReturnType<typeof openDoor>>;

beforeAll(async () => {
  door = await openDoor({
    keepUpload: uploads.store,
    clock: rig.clock,
    apiKeys: [
      { name: "sender", key: "s", scopes: ["send"] },
      { name: "reader", key: "r", scopes: ["read"] },
    ],
  });
});
afterAll(async () => {
  await door.close();
  await rig.quit();
});

const post = (body: Buffer | string, headers: Record<string, string> = {}, path = "/v1/uploads") =>
  door.ask(path, {
    method: "POST",
    headers: { authorization: "Bearer s", "content-type": "image/jpeg", ...headers },
    body,
  });
const kept = () => rig.redis.keys(`{${rig.name}:upload:*`);
const headOf = async (id: string) =>
  JSON.parse((await rig.redis.hget(rig.keys.upload(id), "head")) ?? "null");

type Part = { name?: string; filename?: string; bytes: Buffer };
function form(...parts: Part[]): [Buffer, Record<string, string>] {
  const body = parts.flatMap(({ name = "media", filename, bytes }) => [
    Buffer.from(`--edge\r\nContent-Disposition: form-data; name="${name}"`),
    Buffer.from(`${filename === undefined ? "" : `; filename="${filename}"`}\r\n\r\n`),
    ...[bytes, Buffer.from("\r\n")],
  ]);
  const headers = { "content-type": "multipart/form-data; boundary=edge" };
  return [Buffer.concat([...body, Buffer.from("--edge--\r\n")]), headers];
}

describe("POST /v1/uploads", () => {
  test("keeps a file for 24 h: 201, with what it is", async () => {
    const bytes = mediaFile("jpg", 3 * MB + 1);
    const answer = await post(bytes, {}, "/v1/uploads?name=cover%20%E7%BE%A4.jpg");
    expect(answer.status).toBe(201);
    const upload = answer.json() as { uploadId: string };
    expect(upload).toEqual({
      uploadId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      size: 3 * MB + 1,
      type: "image/jpeg",
      sha256: createHash("sha256").update(bytes).digest("hex"),
      expiresAt: new Date(rig.clock.now() + 24 * hour).toISOString(),
    });
    expect(await headOf(upload.uploadId)).toMatchObject({ name: "cover 群.jpg" });
    expect((await uploads.read(upload.uploadId))?.equals(bytes)).toBe(true);
  });

  test("takes just 10 MB, and no byte more", async () => {
    expect((await post(mediaFile("mp4", 10 * MB))).status).toBe(201);
    const before = await kept();
    expect((await post(mediaFile("mp4", 10 * MB + 1))).status).toBe(413);
    expect(await kept()).toEqual(before);
  });

  test("takes a form with the file in the field media", async () => {
    const bytes = mediaFile("png", 5_000);
    const answer = await post(
      ...form({ name: "note", bytes: Buffer.from("x") }, { filename: "a.png", bytes }),
    );
    expect(answer.status).toBe(201);
    const { uploadId } = answer.json() as { uploadId: string };
    expect(answer.json()).toMatchObject({ size: 5_000, type: "image/png" });
    expect(await headOf(uploadId)).toMatchObject({ name: "a.png" });
    expect((await uploads.read(uploadId))?.equals(bytes)).toBe(true);
  });

  test("refuses a form whose file is too large, though the form as a whole may be a little larger", async () => {
    expect((await post(...form({ filename: "a", bytes: mediaFile("mp4", 10 * MB) }))).status).toBe(201);
    expect((await post(...form({ filename: "a", bytes: mediaFile("mp4", 10 * MB + 1) }))).status).toBe(413);
    expect((await post(...form({ filename: "a", bytes: mediaFile("mp4", 11 * MB) }))).status).toBe(413);
  });

  test.each([
    ["no field media", form({ name: "file", filename: "a", bytes: mediaFile("jpg") })],
    ["no file in it", form({ bytes: mediaFile("jpg") })],
    ["two files", form(...Array(2).fill({ filename: "a", bytes: mediaFile("jpg") }))],
    ["an empty file", form({ filename: "a", bytes: Buffer.alloc(0) })],
  ])("refuses a form with %s: 422", async (_, [body, headers]) => {
    const answer = await post(body, headers);
    expect(answer.status).toBe(422);
    expect(answer.json()).toMatchObject({ code: "INVALID_PARAMETER", errors: [{ path: "media" }] });
  });

  test.each([
    ["a form that is none", "text", { "content-type": "multipart/form-data; boundary=edge" }, 400],
    ["a form without its boundary", "text", { "content-type": "multipart/form-data" }, 400],
    ["a file that WeChat never takes", mediaFile("webp"), {}, 415],
    ["a text that calls itself a picture", "<svg>", {}, 415],
    ["a picture that calls itself a text", mediaFile("jpg"), { "content-type": "text/plain" }, 415],
    ["a body that says no type", mediaFile("jpg"), { "content-type": "" }, 415],
    [
      "what curl calls a form",
      mediaFile("jpg"),
      { "content-type": "application/x-www-form-urlencoded" },
      415,
    ],
    ["a compressed body", gzipSync(mediaFile("jpg")), { "content-encoding": "gzip" }, 415],
    ["an empty body", "", {}, 422],
  ])("refuses %s", async (_, body, headers, status) => {
    const before = await kept();
    expect((await post(body, headers)).status).toBe(status);
    expect(await kept()).toEqual(before);
  });

  test("refuses a name that is none, and parameters that it does not know", async () => {
    expect((await post(mediaFile("jpg"), {}, "/v1/uploads?name=")).status).toBe(422);
    expect((await post(mediaFile("jpg"), {}, "/v1/uploads?name=a%00b")).status).toBe(422);
    expect((await post(mediaFile("jpg"), {}, `/v1/uploads?name=${"n".repeat(201)}`)).status).toBe(422);
    expect((await post(mediaFile("jpg"), {}, "/v1/uploads?account=acme")).status).toBe(422);
  });

  test("asks for the scope send", async () => {
    expect((await post(mediaFile("jpg"), { authorization: "Bearer r" })).status).toBe(403);
    expect((await post(mediaFile("jpg"), { authorization: "" })).status).toBe(401);
    expect((await door.ask("/v1/uploads", { headers: { authorization: "Bearer s" } })).status).toBe(405);
  });

  test("leaves nothing of a file whose connection is cut", async () => {
    const before = await kept();
    const answered = door.lines.length;
    const socket = connect(door.port, "127.0.0.1");
    socket.on("error", () => {});
    const head =
      "POST /v1/uploads HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer s\r\nContent-Type: image/jpeg\r\n";
    socket.write(`${head}Content-Length: 5000000\r\n\r\n`);
    socket.write(mediaFile("jpg", 3 * MB), () => socket.destroy());
    await until(() => door.lines.slice(answered).some(({ route }) => route === "/v1/uploads"));
    expect(await kept()).toEqual(before);
  });
});
