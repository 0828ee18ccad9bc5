using System;
using System.Globalization;
using System.Security.Authentication;
using System.Text.RegularExpressions;

namespace NLog.Targets.Loki.Connection;

/// <summary>
/// What an answer means, by one total table; no other code looks at a status code. Sources: Loki's distributor and ingester
/// (pkg/distributor/http.go, pkg/ingester/stream.go), and what proxies answer.
/// </summary>
internal readonly struct PushOutcome
{
    private PushOutcome(PushAction action, string summary)
    {
        Action = action;
        Summary = summary;
        Scope = PushScope.Endpoint;
        Reason = LokiDropReason.Rejected;
        Rejected = default;
        RetryAfter = null;
        RefreshCredentials = false;
        HasNewCredentials = false;
        IsTooLarge = false;
        Answered = false;
        TimedOut = false;
    }

    public PushAction Action { get; private init; }

    /// <summary>What happened and what to do about it, for the internal log: never a piece of a payload.</summary>
    public string Summary { get; }

    public PushScope Scope { get; private init; }

    public LokiDropReason Reason { get; private init; }

    /// <summary>Which entries of the batch Loki refused; the others are stored.</summary>
    public Rejection Rejected { get; private init; }

    /// <summary>The request as a whole was too large, so a smaller one can pass.</summary>
    public bool IsTooLarge { get; private init; }

    /// <summary>A server answered, in whatever way.</summary>
    public bool Answered { get; private init; }

    public bool TimedOut { get; private init; }

    public TimeSpan? RetryAfter { get; private init; }

    public bool RefreshCredentials { get; private init; }

    /// <summary>Reading the refused credentials again gave other ones.</summary>
    public bool HasNewCredentials { get; init; }

    public static PushOutcome Of(PushAnswer answer)
    {
        var status = answer.Status;
        var body = WithoutQuotes(answer.Body);
        switch (status)
        {
            case 0:
                return Retry(answer, answer.TimedOut ? "no answer in time" : "no connection: " + NameOf(answer.Error));
            case 204:
                return new PushOutcome(PushAction.Delivered, "");
            case 260:
                return Reject(answer, LokiDropReason.Blocked, new Rejection(Rejection.All, 0, 0), "260: an operator blocks ingestion for this tenant");
            // Loki's 200 has no body. One that stalls or breaks off before its first byte comes from somebody else.
            case 200 when body.Length == 0 && !answer.BodyIsCut:
                return new PushOutcome(PushAction.Delivered, "");
            case >= 200 and < 300:
                return answer.MediaType == "text/html" || (answer.BodyIsCut && body.Length == 0) || body.TrimStart().StartsWith("<", StringComparison.Ordinal)
                    ? Retry(answer, status + " with a web page: a proxy answered, not Loki")
                    : new PushOutcome(PushAction.Delivered, status + " with a body, where Loki answers 204: check the endpoint");
            case 429:
                return Retry(answer, "429: rate limited") with
                {
                    Scope = ScopeOf429(body),
                    Reason = body.Contains("maximum active stream limit") ? LokiDropReason.StreamLimit : LokiDropReason.Rejected,
                };
            case 401 or 403 or 407:
                return Hold(answer, status + ": credentials refused; check bearerToken, username and password, or tenant") with { RefreshCredentials = true };
            case 413:
                return TooLarge("413: request too large");
            case 400 or 422:
                return Of400(answer);
            case 500 when body.Contains("ResourceExhausted"):
                return TooLarge("500: request too large for an ingester");
            case 408 or 425:
                return Retry(answer, Number(status));
            case >= 500 and not (501 or 505):
                return Retry(answer, Number(status) + ": the server failed");
            case >= 300 and < 400:
                return Hold(answer, Number(status) + ": redirects are never followed; write the final URL as endpoint");
            default:
                return Hold(answer, Number(status) + ": this is no push endpoint of Loki; check endpoint");
        }
    }

    private static PushOutcome Of400(PushAnswer answer)
    {
        var body = WithoutQuotes(answer.Body);
        if (answer.MediaType == "text/html")
            return Hold(answer, "400 with a web page: a proxy answered, not Loki; check endpoint and proxy");
        if (body.Contains("too large") && !body.Contains("structured metadata too large"))
            return TooLarge("400: request too large");
        if (body.Contains("includes structured metadata, but this feature is disallowed"))
            return new PushOutcome(PushAction.Strip, "400: structured metadata is switched off for this tenant (allow_structured_metadata)");
        if (body.StartsWith("tenant ID ", StringComparison.Ordinal) || body.StartsWith("multiple org IDs", StringComparison.Ordinal))
            return Hold(answer, "400: Loki does not take this tenant; check tenant");
        // A text that is cut off does not tell how many entries were refused. Each half of the batch gets a shorter text.
        if (answer.BodyIsCut || Rejection.Read(body) is not { } rejection)
            return new PushOutcome(PushAction.Split, Number(answer.Status) + ": Loki refused entries without saying which; they are sent in halves");
        return Reject(answer, LokiDropReason.Rejected, rejection, Number(answer.Status) + ": Loki refused entries" + (rejection.TooOld > 0 ? " as too old" : ""));
    }

    private static PushOutcome TooLarge(string summary) =>
        new(PushAction.Split, summary) { Reason = LokiDropReason.OversizeEntry, IsTooLarge = true };

    // Loki's texts quote labels, whose values could contain the very words that are looked for.
    private static string WithoutQuotes(string body) =>
        body.IndexOf('"') < 0 ? body : Regex.Replace(body, "\"(?:[^\"\\\\]|\\\\.)*\"", "\"\"", RegexOptions.CultureInvariant | RegexOptions.Singleline);

    private static PushScope ScopeOf429(string body) =>
        body.Contains("Per stream rate limit") || body.Contains("maximum active stream limit") ? PushScope.Stream : PushScope.Tenant;

    private static PushOutcome Retry(PushAnswer answer, string summary) =>
        new(PushAction.Retry, summary) { RetryAfter = Clamp(answer.RetryAfter), Answered = answer.Status != 0, TimedOut = answer.TimedOut };

    private static PushOutcome Hold(PushAnswer answer, string summary) =>
        new(PushAction.Hold, summary) { RetryAfter = Clamp(answer.RetryAfter) };

    private static PushOutcome Reject(PushAnswer answer, LokiDropReason reason, Rejection rejection, string summary) =>
        new(PushAction.Reject, summary) { Reason = reason, Rejected = rejection };

    // Within bounds: a gateway that says "in a day" must not stop delivery for a day.
    private static TimeSpan? Clamp(TimeSpan? wait)
    {
        if (wait is not { } value)
            return null;
        var least = TimeSpan.FromMilliseconds(100);
        var most = TimeSpan.FromMinutes(5);
        return value < least ? least : value > most ? most : value;
    }

    private static string NameOf(Exception? error)
    {
        var inner = error;
        while (inner?.InnerException is { } next)
        {
            // Its text is the framework's (SslPolicyErrors, the status of the chain), with nothing that the peer sent.
            if (inner is AuthenticationException)
                break;
            inner = next;
        }

        if (inner is AuthenticationException tls)
            return "TLS failed: " + tls.Message;
        // The message of a socket's exception names host and port only. What others contain is not known: their type is said instead.
        return inner is System.Net.Sockets.SocketException socket ? socket.SocketErrorCode.ToString() : inner?.GetType().Name ?? "unknown";
    }

    private static string Number(int status) => status.ToString(CultureInfo.InvariantCulture);
}
