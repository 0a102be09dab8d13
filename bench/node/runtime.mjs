// The least that a Lambda runtime must do in Node.js: ask for an event, post the answer, again.
import { Agent, request } from "node:http";
import { handler } from "./authorizer.mjs";

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body ? { "content-length": Buffer.byteLength(body) } : {};
    const options = { agent, host, port, method, headers, path: `/2018-06-01/runtime/${path}` };
    const sent = request(options, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => {
        const id = response.headers["lambda-runtime-aws-request-id"];
        resolve({ id, body: Buffer.concat(chunks).toString() });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

for (;;) {
  const { id, body } = await call("GET", "invocation/next");
  try {
    const reply = JSON.stringify(await handler(JSON.parse(body)));
    await call("POST", `invocation/${id}/response`, reply);
  } catch (error) {
    const reply = JSON.stringify({ errorType: error.name, errorMessage: error.message });
    await call("POST", `invocation/${id}/error`, reply);
  }
}
