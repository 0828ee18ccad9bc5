using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace NLog.Targets.Loki.Testing;

/// <summary>Finds the route of a request. Method and path are judged before the tenant (pkg/loki/modules.go).</summary>
internal sealed class Routes(PushRoute push, ReadRoutes read, Counters counters, string configuration)
{
    private const string LabelValuesPrefix = "/loki/api/v1/label/";
    private const string LabelValuesSuffix = "/values";

    public Task HandleAsync(HttpContext context, CancellationToken stopped)
    {
        var path = context.Request.Path.Value ?? "";
        switch (path)
        {
            case "/loki/api/v1/push":
            case "/api/prom/push":
                return Only(context, () => push.HandleAsync(context, legacy: path[1] == 'a', stopped), "POST");
            case "/loki/api/v1/query_range":
                return Read(context, read.QueryRangeAsync);
            case "/loki/api/v1/labels":
            case "/loki/api/v1/label":
                return Read(context, (http, parameters) => read.LabelsAsync(http, parameters, null));
            case "/loki/api/v1/series":
                return Read(context, read.SeriesAsync);
            case "/config" when configuration.Length > 0:
                return Only(context, () => PlainAnswer.WriteAsync(context.Response, 200, configuration), "GET");
            case "/ready":
                return Only(context, () => PlainAnswer.WriteAsync(context.Response, 200, "ready\n"), "GET");
            case "/metrics":
                return Only(context, () => PlainAnswer.WriteAsync(context.Response, 200, counters.Print()), "GET");
        }

        if (path.StartsWith(LabelValuesPrefix, StringComparison.Ordinal) && path.EndsWith(LabelValuesSuffix, StringComparison.Ordinal)
            && path.Length > LabelValuesPrefix.Length + LabelValuesSuffix.Length)
        {
            var name = path[LabelValuesPrefix.Length..^LabelValuesSuffix.Length];
            return Read(context, (http, parameters) => read.LabelsAsync(http, parameters, name));
        }

        return PlainAnswer.WriteAsync(context.Response, 404, "404 page not found\n");
    }

    private static Task Only(HttpContext context, Func<Task> handle, params string[] methods)
    {
        if (Array.IndexOf(methods, context.Request.Method) >= 0)
        {
            return handle();
        }

        context.Response.StatusCode = 405;
        return Task.CompletedTask;
    }

    private static Task Read(HttpContext context, Func<HttpContext, ReadParameters, Task> handle) =>
        Only(context, () => ReadRoutes.GuardAsync(context, handle), "GET", "POST");
}
