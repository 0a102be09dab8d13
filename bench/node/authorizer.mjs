// The same job as the usual Node.js authorizer does it: aws-jwt-verify checks the token, and the
// policy allows the one method that was asked for.
import { readFileSync } from "node:fs";
import { JwtVerifier } from "aws-jwt-verify";

export const verifier = JwtVerifier.create({
  issuer: process.env.ISSUER,
  audience: null,
  jwksUri: process.env.JWKS_URI,
  customJwtCheck: ({ payload }) => {
    if (payload.token_use !== "access") throw new Error("no access token");
    if (payload.client_id !== process.env.CLIENT_ID) throw new Error("another client");
    if (!payload.scope.split(" ").includes("books/read")) throw new Error("scope is missing");
  },
});

if (process.env.JWKS_FILE) {
  verifier.cacheJwks(JSON.parse(readFileSync(process.env.JWKS_FILE, "utf8")));
} else {
  await verifier.hydrate();
}

export async function handler(event) {
  try {
    const claims = await verifier.verify(event.authorizationToken.slice("Bearer ".length));
    return {
      principalId: claims.sub,
      policyDocument: {
        Version: "2012-10-17",
        Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: event.methodArn }],
      },
      context: { sub: claims.sub, client_id: claims.client_id, scope: claims.scope },
    };
  } catch {
    throw new Error("Unauthorized");
  }
}
