import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { picturesIn, replacePictures } from "../../src/campaign/article-html.ts";

const id = "0b0e1f0a-7f55-4f3b-9d0e-0d9f6f1f2a3b";
const ours = "http://mmbiz.qpic.cn/new/0?wx_fmt=png&from=a";
const escaped = "http://mmbiz.qpic.cn/new/0?wx_fmt=png&amp;from=a";
const replaced = (html: string) =>
  replacePictures(html, ({ source }) => (source === "wechat" ? undefined : ours));
const addresses = (html: string) => picturesIn(html).map(({ address }) => address);

describe("the pictures of an article", () => {
  test("are numbered, with their addresses as a browser reads them", () => {
    expect(
      picturesIn(`<p><img src="https://a.example/1.png?x=1&amp;y=2"> <IMG SRC=' https://b.example/2 '/></p>`),
    ).toEqual([
      expect.objectContaining({ number: 1, source: { url: "https://a.example/1.png?x=1&y=2" } }),
      expect.objectContaining({ number: 2, source: { url: "https://b.example/2" } }),
    ]);
  });

  test("may be uploads of qunfa", () => {
    expect(picturesIn(`<img src="upload:${id}">`)).toMatchObject([{ source: { uploadId: id } }]);
  });

  test("are WeChat's own where they are on its hosts, whatever the scheme", () => {
    const html = `<img src="http://mmbiz.qpic.cn/a"><img src="//mmbiz.qpic.cn/b"><img data-src="https://mmbiz.qlogo.cn/c">`;
    expect(picturesIn(html).map(({ source }) => source)).toEqual(["wechat", "wechat", "wechat"]);
    expect(picturesIn(`<img src="https://mmbiz.qpic.cn.example/a">`)).toMatchObject([
      { source: { url: "https://mmbiz.qpic.cn.example/a" } },
    ]);
  });

  test.each([
    "",
    "a.png",
    "/a.png",
    "data:image/png;base64,AAAA",
    "file:///a.png",
    "upload:none",
    "C:\\a.png",
  ])("have no source when the address is %j", (address) => {
    expect(picturesIn(`<img src="${address}">`)).toMatchObject([{ source: undefined }]);
  });

  test("are found without a src too", () => {
    expect(picturesIn(`<img alt="nothing" srcset="https://a.example/2x 2x">`)).toMatchObject([
      { source: undefined },
    ]);
  });

  test("have the address of data-src where there is one, src being its placeholder then", () => {
    expect(addresses(`<img src="data:image/gif;base64,R0" data-src="https://a.example/1">`)).toEqual([
      "https://a.example/1",
    ]);
    expect(addresses(`<img src="https://a.example/1" data-src="">`)).toEqual(["https://a.example/1"]);
  });

  test("are no comments, texts, scripts or values of attributes", () => {
    const html = `<!-- <img src="https://a.example/1"> --><p title='<img src="https://a.example/2">'>&lt;img src=x&gt;</p>
<script>"<img src='https://a.example/3'>"</script><style>/* <img src=x> */</style><textarea><img src=x></textarea>`;
    expect(addresses(html)).toEqual([]);
    expect(replaced(html)).toBe(html);
  });

  test("are found in tables, templates, noscript and broken HTML, in the order of the text", () => {
    const html = `<table><tr><img src="https://a.example/1"><td><img src="https://a.example/2"></table>
<noscript><img src="https://a.example/3"></noscript><template><img src="https://a.example/4"></template>
<p><b><i></b><img src="https://a.example/5" <p><svg><img src="https://a.example/6">`;
    expect(addresses(html)).toEqual([1, 2, 3, 4, 5, 6].map((number) => `https://a.example/${number}`));
  });

  test("are found in HTML as deep as it may be long", () => {
    const html = `${"<b>".repeat(6_000)}<img src="https://a.example/1">`;
    expect(addresses(html)).toEqual(["https://a.example/1"]);
  });
});

describe("a replaced picture", () => {
  test.each([
    [`<img src="https://a.example/1">`, `<img src="${escaped}">`],
    [`<IMG class=x SRC=https://a.example/1 alt='a "b"'/>`, `<IMG class=x src="${escaped}" alt='a "b"'/>`],
    [`<img\r\n\tsrc = 'https://a.example/1'\r\n>`, `<img\r\n\tsrc="${escaped}"\r\n>`],
    [`<img data-src="https://a.example/1" width=3>`, `<img src="${escaped}" width=3>`],
    [`<img data-src="https://a.example/1" src="data:,">`, `<img  src="${escaped}">`],
    [`<img src=https://a.example/1 srcset="https://a.example/2 2x"alt=b>`, `<img src="${escaped}" alt=b>`],
    [
      `<picture><source srcset="https://a.example/w"><img src="https://a.example/1"></picture>`,
      `<picture><source ><img src="${escaped}"></picture>`,
    ],
    [
      `<img src="https://a.example/1" src="https://b.example/2">`,
      `<img src="${escaped}" src="https://b.example/2">`,
    ],
    [`<img src="http://mmbiz.qpic.cn/a" >`, `<img src="http://mmbiz.qpic.cn/a" >`],
  ])("%s", (html, expected) => {
    expect(replaced(html)).toBe(expected);
  });

  test("leaves all else as it is, byte for byte", () => {
    const around = fc
      .stringMatching(/^[\r\n\t "'&;a-z0-9😀群发<p>/=!-]{0,40}$/u)
      .filter((text) => !/<!|<\/?$|<[^>]*$/.test(text));
    fc.assert(
      fc.property(around, around, (before, after) => {
        const html = `${before}<img src="https://a.example/1">${after}`;
        fc.pre(picturesIn(html).length === 1);
        expect(replaced(html)).toBe(`${before}<img src="${escaped}">${after}`);
      }),
    );
  });

  test("is found again, as WeChat's own", () => {
    const html = replaced(`<p>群发 😀\r\n<img src="https://a.example/1"></p>`);
    expect(picturesIn(html)).toMatchObject([{ address: ours, source: "wechat" }]);
    expect(replaced(html)).toBe(html);
  });
});
