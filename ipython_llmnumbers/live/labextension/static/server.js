/* The Jupyter server's lines, and what the page says where it has none. */

// Requests on their way at once, over all cells.
const MOST_REQUESTS = 4;
const ASK_AGAIN_MS = 30_000;

// What the page itself says; the server says the rest in the language that the settings name.
const JAPANESE = {
  "Estimate of this cell": "このセルの見積もり",
  "too long to count while typing; run the cell": "入力中に数えるには長すぎます。セルを実行してください",
  "live line unavailable": "ライブ表示を利用できません",
  "the Jupyter server does not answer": "Jupyter サーバーが応答しません",
  "the Jupyter server does not let you ask for it": "Jupyter サーバーで許可されていません",
  "install ipython-llmnumbers where the Jupyter server runs, and restart it":
    "Jupyter サーバーの環境に ipython-llmnumbers をインストールし、サーバーを再起動してください",
};
export const say = (text, { language }) => (language === "ja" && JAPANESE[text]) || text;

export const tooLong = (voice) => ({
  parts: [say("too long to count while typing; run the cell", voice)],
  level: "info",
});

/** Asks the server for lines: a few at a time, and not at all while it has no handler. */
export class Server {
  constructor(connection) {
    this.connection = connection;
    this.settings = connection.makeSettings();
    this.waiting = [];
    this.running = 0;
    this.unavailable = null;
  }

  /** The lines for a request, and whether to ask again for the same. */
  async lines(body, language) {
    if (this.unavailable && performance.now() < this.unavailable.until) return this.unavailable.answer;
    if (this.running >= MOST_REQUESTS) await new Promise((go) => this.waiting.push(go));
    this.running += 1;
    try {
      return await this.ask(body, { language });
    } finally {
      this.running -= 1;
      this.waiting.shift()?.();
    }
  }

  async ask(body, voice) {
    const request = { method: "POST", body };
    let response;
    try {
      const url = `${this.settings.baseUrl}llmnumbers/line`;
      response = await this.connection.makeRequest(url, request, this.settings);
    } catch {
      return this.without("the Jupyter server does not answer", voice);
    }
    if (response.ok) {
      // The login page of an ended session is no answer.
      const lines = await response.json().catch(() => undefined);
      if (!Array.isArray(lines)) return this.without("the Jupyter server does not let you ask for it", voice);
      this.unavailable = null;
      return { lines };
    }
    if (response.status === 413) return { lines: [tooLong(voice)] };
    if (response.status === 404)
      return this.without("install ipython-llmnumbers where the Jupyter server runs, and restart it", voice);
    if (response.status === 401 || response.status === 403)
      return this.without("the Jupyter server does not let you ask for it", voice);
    const { message } = await response.json().catch(() => ({}));
    const parts = [message || `the Jupyter server answers with status ${response.status}`];
    return { lines: [{ parts, level: "error" }], failed: true, again: response.status === 429 };
  }

  without(reason, voice) {
    const [what, why] = ["live line unavailable", reason].map((text) => say(text, voice));
    const answer = { lines: [{ parts: [`${what}: ${why}`], level: "error" }], failed: true };
    this.unavailable = { answer, until: performance.now() + ASK_AGAIN_MS };
    return answer;
  }
}
