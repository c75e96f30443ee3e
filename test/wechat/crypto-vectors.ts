/** The published vectors of WECHAT.md section 6.5: signatures, and messages as WeChat sealed them. */

export const signatures = [
  {
    name: "V1 GET",
    parts: ["AAAAA", "1714036504", "1514711492"],
    signature: "f464b24fc39322e44b38aa78f5edd27bd1441696",
  },
  {
    name: "V1 POST",
    parts: ["AAAAA", "1714037059", "486452656"],
    signature: "899cf89e464efb63f54ddac96b0a0a235f53aa78",
  },
  {
    name: "V2",
    parts: ["AAAAA", "1714112445", "415670741"],
    signature: "6c5c811b55cc85e0e1b54100749188c20beb3f5d",
  },
  {
    name: "V3",
    parts: ["AAAAA", "1715943329", "1590219412"],
    signature: "cc0c594499c1634947d5b502f158ee518947db27",
  },
];

/** `length` is the message's, in bytes; `contains` is a piece of it. */
export const sealed = [
  {
    name: "V2 official, JSON",
    appid: "wxba5fad812f8e6fb9",
    encodingAESKey: "A".repeat(43),
    parts: ["AAAAA", "1714112445", "415670741"],
    msgSignature: "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
    cipher:
      "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=",
    length: 167,
    contains: "debug_demo",
  },
  {
    name: "V3 official, XML",
    appid: "wx134c8103faa5a59e",
    encodingAESKey: "A".repeat(43),
    parts: ["AAAAA", "1715943329", "1590219412"],
    msgSignature: "6c12a4205838198b8fa631b3220723bb07f1015c",
    cipher:
      "D7yzvUNAL930rd28wf21s4hvXhz0L6Uit/p2Di6C5DHyYGpEgdBRnKjBec34JwoQXicwaZC7fOVihW80F4VtsdvE//1vr7oAbqjDv8KenVp+ajKYpJnyQ4zMRhIC+a31fCVOMC03FfzV/QuC94kBP55a+Za3sJgvAn+ZbsNqZI5DkyuzkhQN8OBqCzFhizGmy0xpM0MEA4agpvE+RuNO1rhHTtuJB5yltw1FiYzecSXJ+y/D2r81VkRn2eYjh2ltsoyfbDR7Is6ookXIFxTfyeNyeHxMeT4KN5WpCDmSbTcUYrbBUlkGLJ9n/rU8YOywma6G7aTb7KZKOqCxgfoUlYEZPk4FUL/TK7ShriFDMVCLyjQJ15Ob++agDWtcxhfUfe6HIoIpRW8mKNBQiY/Jd1svvuskA1wLef1RTtzKfMpagSCX/laZINmdnX4zrF6kIaR9P4xQrWXbsTFHTYe0Mg==",
    length: 292,
    contains: "debug_demo",
  },
  {
    name: "V4 sample code",
    appid: "wx5823bf96d3bd56c7",
    encodingAESKey: "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    parts: ["QDG6eK", "1409659813", "1372623149"],
    msgSignature: "477715d11cdb4164915debcba66cb864d751f3e6",
    cipher:
      "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==",
    length: 284,
    contains: "<MsgType>",
  },
  {
    name: "V6 EasyWeChat's test",
    appid: "wxb11529c136998cb6",
    encodingAESKey: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    parts: ["pamtest", "1458300676", "260774613"],
    msgSignature: "4f3ad57b6989f09f4eb392acce4f9e93942ed890",
    cipher:
      "rTNFcsut4LfGuAFKEUVVpwcaCOTJzOd9twZdIW910jb3k+iicx2uvhttIZ3Qg9Qgty3BEF2xbOrz6boTfb30dMomcgrkTqdFPwnhqbk+kIQ7rZiwny9D7NUrTgA5kpX3KsZvrXzUZyP2x9YOlxbgm572lmxKvM7HAQQhIQ/p6HBmoY30bGXFK0BtIu1pW9TjhOYrLQoU18nWYjWqDA1ynkmOytpv7QRI1P1+0NoxL0q2zO1DgeSvnE8CZGo/o5Ap/WHK5W2RAsinpzN4/LjPnmB6U01I5XCoJoC0GK/yMZycd2Oh8Nq6+wBkC1U85oy0ktOY4nLvsQMLrourmMGdZHuTbqpeJ8Ao/5PRYJ+WBvRUwPfGKBL2+2IKZF49vAJqkcGWSHGE76ZN2erXeuNazf/o9o3lIE3q739o4c8t9QGPe31GT2Go/rOz1BsrASwvauNulCh+++yz+CQzBIuikA==",
    length: 293,
    contains: "asdasdasdsadasd",
  },
  {
    name: "V7 wechatpy's test, echostr",
    appid: "wx49f0ab532d5d035a",
    encodingAESKey: "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
    parts: ["123456", "1411443780", "437374425"],
    msgSignature: "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96",
    cipher: "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q==",
    length: 19,
    contains: "5927782489442352469",
  },
  {
    name: "V7 wechatpy's test, message with a padding of one byte",
    appid: "wx49f0ab532d5d035a",
    encodingAESKey: "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
    parts: ["123456", "1411525903", "461056294"],
    msgSignature: "74d92dfeb87ba7c714f89d98870ae5eb62dff26d",
    cipher:
      "RgqEoJj5A4EMYlLvWO1F86ioRjZfaex/gePD0gOXTxpsq5Yj4GNglrBb8I2BAJVODGajiFnXBu7mCPatfjsu6IHCrsTyeDXzF6Bv283dGymzxh6ydJRvZsryDyZbLTE7rhnus50qGPMfp2wASFlzEgMW9z1ef/RD8XzaFYgm7iTdaXpXaG4+BiYyolBug/gYNx410cvkKR2/nPwBiT+P4hIiOAQqGp/TywZBtDh1yCF2KOd0gpiMZ5jSw3e29mTvmUHzkVQiMS6td7vXUaWOMZnYZlF3So2SjHnwh4jYFxdgpkHHqIrH/54SNdshoQgWYEvccTKe7FS709/5t6NMxuGhcUGAPOQipvWTT4dShyqio7mlsl5noTrb++x6En749zCpQVhDpbV6GDnTbcX2e8K9QaNWHp91eBdCRxthuL0=",
    length: 281,
    contains: "<Content><![CDATA[test]]></Content>",
  },
];

/** Sealed with known random bytes, so the cipher text can be made again byte for byte. */
export const deterministic = [
  {
    name: "V2's reply",
    appid: "wxba5fad812f8e6fb9",
    encodingAESKey: "A".repeat(43),
    random: "707722b803182950",
    message: '{"demo_resp":"good luck"}',
    cipher: "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==",
    parts: ["AAAAA", "1713424427", "415670741"],
    msgSignature: "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1",
  },
  {
    name: "V5 WxJava's test",
    appid: "wxb11529c136998cb6",
    encodingAESKey: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    random: "aaaabbbbccccdddd",
    message: "我是中文abcd123",
    cipher: "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==",
  },
];
