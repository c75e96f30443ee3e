# One image for server, worker and sandbox; docker-compose.yml says which a container is.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# The compiler is an optional peer of a package that stays, and so is not pruned.
RUN npm run build && npm prune --omit=dev && rm -rf node_modules/typescript node_modules/@typescript \
  && find node_modules -name '*.map' -delete

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
EXPOSE 3000
CMD ["node", "dist/src/main.js"]
