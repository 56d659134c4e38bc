/** Changes in, one after another to the server; what cannot be sent now waits. */

import { Refusal, post } from "./session.js";

const PAUSE = 1500;

export class Outbox {
  /** `listener` has sent(answer, body), refused(error, body, retried), waiting(yes), unsent(count). */
  constructor(listener) {
    this.listener = listener;
    this.waiting = 0;
    this.chain = Promise.resolve();
    addEventListener("beforeunload", (event) => {
      if (this.waiting) event.preventDefault();
    });
  }

  /** Send what `build` makes when its turn has come: it knows the versions by then. */
  send(build, path = "/api/changes") {
    this.waiting += 1;
    this.listener.unsent(this.waiting);
    const sent = this.chain.then(() => this.deliver(build, path));
    this.chain = sent.catch(() => {});
    return sent.finally(() => {
      this.waiting -= 1;
      this.listener.unsent(this.waiting);
    });
  }

  async deliver(build, path) {
    const body = build();
    if (!body) return null;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const answer = await post(path, body);
        this.listener.waiting(false);
        this.listener.sent(answer, body);
        return answer;
      } catch (error) {
        if (error instanceof Refusal && error.status < 500) {
          this.listener.waiting(false);
          this.listener.refused(error, body, attempt > 0);
          return null;
        }
        this.listener.waiting(true);
        await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
      }
    }
  }
}
