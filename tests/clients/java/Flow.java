// The whole life of an invitation through Google's own Java client, unmodified: what the generated Calendar
// service does with each call (gzip on every write, PATCH as an overridden POST) its base classes do here.
//
//   rsvpd run -- java -cp '/usr/share/java/*' Flow.java
//
// A service account acts for alice, bob consents in a browser (browser.py, in $BROWSER). One line for each step; the
// first that fails ends the program with what the client threw and 1.

import com.google.api.client.auth.oauth2.Credential;
import com.google.api.client.googleapis.auth.oauth2.GoogleAuthorizationCodeRequestUrl;
import com.google.api.client.googleapis.auth.oauth2.GoogleAuthorizationCodeTokenRequest;
import com.google.api.client.googleapis.auth.oauth2.GoogleCredential;
import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.googleapis.services.json.AbstractGoogleJsonClient;
import com.google.api.client.googleapis.services.json.AbstractGoogleJsonClientRequest;
import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.client.json.GenericJson;
import com.google.api.client.json.gson.GsonFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

public class Flow {
    static final String CLIENT = "rsvpd-local.apps.googleusercontent.com";
    static final String SECRET = "rsvpd-local-secret";
    static final String REDIRECT = "http://localhost:8400/";
    static final List<String> SCOPES = List.of("https://www.googleapis.com/auth/calendar.events");
    static final NetHttpTransport HTTP = new NetHttpTransport();
    static final GsonFactory JSON = new GsonFactory();

    static final class Calendar extends AbstractGoogleJsonClient {
        static final class Builder extends AbstractGoogleJsonClient.Builder {
            Builder(Credential credential) {
                super(HTTP, JSON, "https://www.googleapis.com/", "calendar/v3/", credential, false);
                setApplicationName("rsvpd-test");
            }

            @Override
            public Calendar build() {
                return new Calendar(this);
            }
        }

        Calendar(Builder builder) {
            super(builder);
        }

        Call call(String method, String path, Map<String, Object> body) {
            return new Call(this, method, path, body == null ? null : json(body));
        }
    }

    public static final class Call extends AbstractGoogleJsonClientRequest<GenericJson> {
        Call(Calendar calendar, String method, String path, GenericJson body) {
            super(calendar, method, path, body, GenericJson.class);
        }
    }

    static Credential serviceAccount(String address) throws IOException {
        Credential found = GoogleCredential.getApplicationDefault(HTTP, JSON).createScoped(SCOPES)
            .createDelegated(address);
        expect("a service account signs in for " + address, true, found.refreshToken());
        return found;
    }

    static Credential consent(String address) throws Exception {
        String url = new GoogleAuthorizationCodeRequestUrl(CLIENT, REDIRECT, SCOPES).setAccessType("offline").build();
        String code = (String) new GenericUrl(signIn(url, address)).getFirst("code");
        String refresh = new GoogleAuthorizationCodeTokenRequest(HTTP, JSON, CLIENT, SECRET, code, REDIRECT).execute()
            .getRefreshToken();
        expect(address + " consents", true, refresh != null);
        Credential found = new GoogleCredential.Builder().setTransport(HTTP).setJsonFactory(JSON)
            .setClientSecrets(CLIENT, SECRET).build().setRefreshToken(refresh);
        expect("the token is renewed without " + address, true, found.refreshToken());
        return found;
    }

    static String signIn(String url, String address) throws Exception {
        List<String> command = new ArrayList<>();
        for (String word : System.getenv("BROWSER").replace("&", "").trim().split(" ")) {
            command.add(word.equals("%s") ? url : word);
        }
        command.add(address);
        Process browser = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String end = new String(browser.getInputStream().readAllBytes()).trim();
        if (browser.waitFor() != 0) {
            throw new IOException("the browser came to no end: " + url);
        }
        return end;
    }

    static GenericJson json(Map<String, Object> members) {
        GenericJson made = new GenericJson();
        made.putAll(members);
        return made;
    }

    static Map<String, Object> at(String time) {
        return Map.of("dateTime", "2030-03-0" + time + ":00+01:00", "timeZone", "Europe/Berlin");
    }

    static void expect(String step, Object wanted, Object found) {
        if (!wanted.equals(found)) {
            System.out.println("FAILED " + step + ": " + found + " instead of " + wanted);
            System.exit(1);
        }
        System.out.println("ok " + step);
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> guest(Map<String, Object> event, String address) {
        for (Map<String, Object> one : (List<Map<String, Object>>) event.get("attendees")) {
            if (address.equals(one.get("email"))) {
                return one;
            }
        }
        return Map.of();
    }

    @SuppressWarnings("unchecked")
    public static void main(String[] args) throws Exception {
        Calendar alice = new Calendar.Builder(serviceAccount("alice@example.com")).build();
        Calendar bob = new Calendar.Builder(consent("bob@example.com")).build();
        String events = "calendars/primary/events";

        GenericJson made = alice.call("POST", events + "?sendUpdates=all", Map.of(
            "summary", "Quarter plan", "start", at("1T10:00"), "end", at("1T11:00"),
            "attendees", List.of(Map.of("email", "bob@example.com"), Map.of("email", "carol@example.com")))).execute();
        expect("alice invites", "confirmed", made.get("status"));

        GenericJson list = bob.call("GET", events + "?iCalUID=" + made.get("iCalUID"), null).execute();
        Map<String, Object> copy = ((List<Map<String, Object>>) list.get("items")).get(0);
        String one = events + "/" + copy.get("id");
        expect("bob is asked", "needsAction", guest(copy, "bob@example.com").get("responseStatus"));

        for (String answer : List.of("accepted", "tentative", "declined", "accepted")) {
            bob.call("PATCH", one + "?sendUpdates=all", Map.of("attendeesOmitted", true, "attendees", List.of(
                Map.of("email", "bob@example.com", "responseStatus", answer, "comment", "I say " + answer)))).execute();
            GenericJson seen = alice.call("GET", events + "/" + made.get("id"), null).execute();
            expect("alice sees " + answer, answer, guest(seen, "bob@example.com").get("responseStatus"));
            expect("with the comment", "I say " + answer, guest(seen, "bob@example.com").get("comment"));
        }

        GenericJson moved = alice.call("GET", events + "/" + made.get("id"), null).execute();
        moved.put("start", json(at("2T10:00")));
        moved.put("end", json(at("2T11:00")));
        alice.call("PUT", events + "/" + made.get("id") + "?sendUpdates=all", moved).execute();
        expect("bob is asked again", "needsAction",
            guest(bob.call("GET", one, null).execute(), "bob@example.com").get("responseStatus"));

        alice.call("DELETE", events + "/" + made.get("id") + "?sendUpdates=all", null).executeUnparsed().disconnect();
        expect("it is called off", "cancelled", bob.call("GET", one, null).execute().get("status"));
        try {
            bob.call("GET", events + "/nothing", null).execute();
            expect("an unknown event", 404, 200);
        } catch (GoogleJsonResponseException wrong) {
            expect("an unknown event", "notFound", wrong.getDetails().getErrors().get(0).getReason());
        }
    }
}
