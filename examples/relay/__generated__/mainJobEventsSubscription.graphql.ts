/**
 * @generated SignedSource<<a24fe29e5cc1ca069351286e1f284384>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ConcreteRequest } from 'relay-runtime';
export type JobStatus = "CANCELLED" | "COMPLETED" | "FAILED" | "QUEUED" | "RETRYING" | "RUNNING" | "%future added value";
export type mainJobEventsSubscription$variables = {
  projectId: string;
};
export type mainJobEventsSubscription$data = {
  readonly jobEvents: {
    readonly job?: {
      readonly id: string;
      readonly message: string | null | undefined;
      readonly progress: number;
      readonly status: JobStatus;
      readonly taskName: string;
      readonly version: number;
    };
  };
};
export type mainJobEventsSubscription = {
  response: mainJobEventsSubscription$data;
  variables: mainJobEventsSubscription$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "projectId"
  }
],
v1 = [
  {
    "kind": "Variable",
    "name": "projectId",
    "variableName": "projectId"
  }
],
v2 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "id",
  "storageKey": null
},
v3 = {
  "kind": "InlineFragment",
  "selections": [
    {
      "alias": null,
      "args": null,
      "concreteType": "Job",
      "kind": "LinkedField",
      "name": "job",
      "plural": false,
      "selections": [
        (v2/*:: as any*/),
        {
          "alias": null,
          "args": null,
          "kind": "ScalarField",
          "name": "version",
          "storageKey": null
        },
        {
          "alias": null,
          "args": null,
          "kind": "ScalarField",
          "name": "taskName",
          "storageKey": null
        },
        {
          "alias": null,
          "args": null,
          "kind": "ScalarField",
          "name": "status",
          "storageKey": null
        },
        {
          "alias": null,
          "args": null,
          "kind": "ScalarField",
          "name": "progress",
          "storageKey": null
        },
        {
          "alias": null,
          "args": null,
          "kind": "ScalarField",
          "name": "message",
          "storageKey": null
        }
      ],
      "storageKey": null
    }
  ],
  "type": "Event",
  "abstractKey": "__isEvent"
},
v4 = [
  (v2/*:: as any*/)
];
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "mainJobEventsSubscription",
    "selections": [
      {
        "alias": null,
        "args": (v1/*:: as any*/),
        "concreteType": null,
        "kind": "LinkedField",
        "name": "jobEvents",
        "plural": false,
        "selections": [
          (v3/*:: as any*/)
        ],
        "storageKey": null
      }
    ],
    "type": "Subscription",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "mainJobEventsSubscription",
    "selections": [
      {
        "alias": null,
        "args": (v1/*:: as any*/),
        "concreteType": null,
        "kind": "LinkedField",
        "name": "jobEvents",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "__typename",
            "storageKey": null
          },
          (v3/*:: as any*/),
          {
            "kind": "InlineFragment",
            "selections": (v4/*:: as any*/),
            "type": "CompletionEvent",
            "abstractKey": null
          },
          {
            "kind": "InlineFragment",
            "selections": (v4/*:: as any*/),
            "type": "ErrorEvent",
            "abstractKey": null
          },
          {
            "kind": "InlineFragment",
            "selections": (v4/*:: as any*/),
            "type": "ProgressEvent",
            "abstractKey": null
          }
        ],
        "storageKey": null
      }
    ]
  },
  "params": {
    "cacheID": "ea816d8405426a2b717ed24a0bc17fe0",
    "id": null,
    "metadata": {},
    "name": "mainJobEventsSubscription",
    "operationKind": "subscription",
    "text": "subscription mainJobEventsSubscription(\n  $projectId: ID!\n) {\n  jobEvents(projectId: $projectId) {\n    __typename\n    ... on Event {\n      __isEvent: __typename\n      job {\n        id\n        version\n        taskName\n        status\n        progress\n        message\n      }\n    }\n    ... on CompletionEvent {\n      id\n    }\n    ... on ErrorEvent {\n      id\n    }\n    ... on ProgressEvent {\n      id\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "518cdca7436fcfac34c4877c54637c79";

export default node;
