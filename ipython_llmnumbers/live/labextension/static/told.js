/* What the kernels tell of themselves. */

// The comm of `kernel.py`: its target and its id.
const COMM = "ipython_llmnumbers";
const WORD = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{M}\p{N}\p{Pc}]*/gu;

/** What the kernel of one notebook or console has told of itself: its settings, its plain variables.
 *
 * It is heard and never opened as a comm: JupyterLab gives a kernel's comms to one of its connections
 * only, so that a console or a second page would have none (jupyterlab/jupyterlab#6929, #7287).
 */
export class Told {
  constructor(context, { createMessage }, onChange) {
    this.createMessage = createMessage;
    this.onChange = onChange;
    this.state = null;
    this.hear = this.hear.bind(this);
    context.kernelChanged.connect(() => this.follow(context.session?.kernel));
    context.statusChanged.connect((_, status) => this.heed(status));
    this.follow(context.session?.kernel);
  }

  follow(kernel) {
    if (!this.kernel?.isDisposed) this.kernel?.iopubMessage.disconnect(this.hear);
    this.kernel = kernel;
    this.forget();
    if (!kernel) return;
    kernel.iopubMessage.connect(this.hear);
    void this.ask();
  }

  /** A kernel that starts anew has other settings and no variables, until it tells. */
  heed(status) {
    if (/starting|terminating|dead/.test(status)) {
      this.forget();
      this.mustAsk = true;
    } else if (status === "idle" && this.mustAsk) void this.ask();
  }

  forget() {
    if (this.state === null) return;
    this.state = null;
    this.onChange();
  }

  /** Ask a kernel that tells to tell everything, as soon as it is idle. */
  async ask() {
    this.mustAsk = false;
    const { kernel } = this;
    try {
      await kernel.info;
      const { content } = await kernel.requestCommInfo({ target_name: COMM });
      // A message to a comm that there is not would be a warning in the kernel's log.
      if (!content.comms?.[COMM]) return;
      const message = this.createMessage({
        msgType: "comm_msg",
        channel: "shell",
        username: kernel.username,
        session: kernel.clientId,
        content: { comm_id: COMM, data: {} },
      });
      kernel.sendShellMessage(message, false, true);
    } catch {
      // It was restarted or left meanwhile; `heed` and `follow` ask again.
    }
  }

  hear(_, { header, content }) {
    if (content.comm_id !== COMM) return;
    if (header.msg_type === "comm_close") this.forget();
    if (header.msg_type !== "comm_msg") return;
    const { number, settings, variables, gone, is_all: isAll } = content.data;
    if (!isAll && number !== this.state?.number + 1) {
      // The server has dropped a message (jupyterlab/jupyterlab#8769).
      this.forget();
      void this.ask();
      return;
    }
    const kept = new Map(isAll ? [] : this.state.variables);
    for (const name of gone) kept.delete(name);
    for (const [name, text] of Object.entries(variables)) kept.set(name, text);
    this.state = { number, settings, variables: kept };
    this.onChange();
  }

  /** The settings and those variables that a cell can name: what is sent along with it. */
  about(text) {
    const { settings, variables } = this.state;
    if (!variables.size) return { ...settings, variables: {} };
    const words = new Set(text.match(WORD));
    const named = [...variables].filter(([name]) => words.has(name));
    return { ...settings, variables: Object.fromEntries(named) };
  }
}
