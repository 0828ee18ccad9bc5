using System.Text;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace NLog.Targets.Loki.Testing;

/// <summary>Answers in the form of Go's <c>http.Error</c>.</summary>
internal static class PlainAnswer
{
    public static Task WriteAsync(HttpResponse response, int status, string text)
    {
        response.StatusCode = status;
        if (string.IsNullOrEmpty(response.ContentType))
        {
            response.ContentType = "text/plain; charset=utf-8";
        }

        response.Headers.XContentTypeOptions = "nosniff";
        var bytes = Encoding.UTF8.GetBytes(text);

        // These statuses carry no body; Kestrel throws on an attempt to write one.
        if (status is 204 or 205 or 304 or < 200)
        {
            return Task.CompletedTask;
        }

        response.ContentLength = bytes.Length;
        return response.Body.WriteAsync(bytes).AsTask();
    }
}
